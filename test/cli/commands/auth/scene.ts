import { join } from "node:path";
import { parseServerUrl } from "../../../../src/cli/api/server-url.ts";
import { LoginStore, type StoredLogin } from "../../../../src/cli/auth/login-store.ts";
import { openSession, type Session } from "../../../../src/cli/session.ts";
import { type Script, ScriptedServer } from "../../support/scripted-server.ts";
import { World, type WorldOptions } from "../../support/world.ts";

/** A user with a home folder, a server, and perhaps a stored login there. */
export class Scene implements Disposable {
  readonly world: World;
  readonly server: ScriptedServer;
  readonly store: LoginStore;

  constructor(script: Script, options: WorldOptions = {}) {
    this.server = new ScriptedServer(script);
    this.world = new World({ ...options, env: { TESTFLINGER_SERVER: this.server.url, ...options.env } });
    const home = join(this.world.home, ".config");
    this.store = new LoginStore(home, parseServerUrl(this.server.url), this.world.clock);
  }

  async loggedInAs(login: StoredLogin): Promise<this> {
    await this.store.write(login);
    return this;
  }

  session(options: Record<string, unknown> = {}): Session {
    const programOptions = {
      configfile: undefined,
      debug: false,
      noBrowser: false,
      server: undefined,
      verbose: false,
      version: false,
    };
    const { context } = this.world;
    return openSession({ context, program: "testflinger", programOptions, options, needsServer: true });
  }

  [Symbol.dispose](): void {
    this.world[Symbol.dispose]();
    this.server[Symbol.dispose]();
  }
}
