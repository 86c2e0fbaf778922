import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAdminCommand } from "../admin/command-line.ts";
import { Scene } from "../log/scene.ts";

/** RFC 7636 appendix B. */
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** ASVS 5.0 control 7.5.2: whichever way somebody has logged in, the login is among those that its owner can end. */
describe("a login is listed with how it was made:", () => {
  let scene: Scene, directory: string;
  beforeAll(async () => {
    scene = await Scene.open({});
    directory = await mkdtemp(join(tmpdir(), "testflinger-kinds-"));
  });
  afterAll(async () => {
    await scene.close();
    await rm(directory, { recursive: true });
  });

  const withSecret = async (name: string) => {
    const { secretHash } = (await scene.store.clients.find((await scene.client()).id))!;
    await scene.store.clients.create({ id: name, secretHash, permissions: {} });
    await scene.login(name);
  };
  const onDevice = async (name: string) => {
    const { request_id } = await (await scene.send("POST", "/oidc/auth-init")).json();
    scene.idp.approve(scene.person(name).claims);
    await scene.send("POST", `/oidc/auth-poll/${request_id}`);
  };
  const bySameMachine = async (name: string) => {
    const browser = scene.browser();
    await scene.signIn(browser, name);
    const redirect_uri = "http://127.0.0.1:49152/callback";
    const allowed = await browser.post("/auth/authorize", undefined, {
      redirect_uri,
      state: "s".repeat(43),
      code_challenge: CHALLENGE,
      code_challenge_method: "S256",
      client_id: scene.person(name).email,
      decision: "allow",
    });
    const code = new URL(allowed.headers.get("location")!).searchParams.get("code");
    await scene.send("POST", "/v1/oauth2/code", {}, { code, code_verifier: VERIFIER, redirect_uri });
    await browser.post("/auth/logout");
  };
  const agent = async (name: string) => {
    const line = `create-agent ${name} --token-file ${join(directory, name)}`;
    await runAdminCommand(line, { store: scene.store, now: scene.clock.now });
  };
  const email = (name: string) => scene.person(name).email;

  test.each<[kind: string, what: string, (name: string) => Promise<unknown>, (name: string) => string]>([
    ["secret", "with a client id and its secret", withSecret, (name) => name],
    ["cli", "on a device", onDevice, email],
    ["cli", "by the browser of the same machine", bySameMachine, email],
    ["browser", "in a browser", (name) => scene.signIn(scene.browser(), name), email],
    ["agent", "with the token file of an agent", agent, (name) => name],
  ])("%s %s", async (kind, _what, logIn, owner) => {
    const name = scene.name("someone");
    await logIn(name);
    const admin = await scene.client({ role: "admin" });
    const list = await (
      await scene.as(admin, "GET", `/v1/oauth2/sessions?client_id=${encodeURIComponent(owner(name))}`)
    ).json();
    expect(list).toMatchObject([{ kind, client_id: owner(name), current: false }]);
    expect(list[0].address).toBe(kind === "agent" ? undefined : "127.0.0.1");
  });
});
