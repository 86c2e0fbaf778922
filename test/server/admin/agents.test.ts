import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { secretMatches } from "../../../src/server/tokens/client-secret.ts";
import { contract } from "../../contract/contract.ts";
import { TestClock } from "../../support/clock.ts";
import { runAdminCommand } from "./command-line.ts";

contract("create-agent", (subject) => {
  let directory: string, file: string;
  const clock = new TestClock();
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "testflinger-agent-"));
    file = join(directory, "refresh_token");
  });
  afterEach(() => rm(directory, { recursive: true }));
  const admin = (line: string) => runAdminCommand(line, { ...subject, now: clock.now });
  const token = async () => JSON.parse(await readFile(file, "utf8"));

  test("makes an account that acts as this agent, and the file that agents of the reference read", async () => {
    const { status, out, events, audit } = await admin(`create-agent rpi4-1 --token-file ${file}`);
    const [, secret = ""] = /shown only this once: (\S+)\n$/.exec(out) ?? [];
    expect([status, out]).toEqual([
      0,
      `Created agent 'rpi4-1', which may act as: rpi4-1\nIts refresh token is in ${file} until 2027-11-23.\n` +
        `Its secret, shown only this once: ${secret}\n`,
    ]);
    const client = (await subject.store.clients.find("rpi4-1"))!;
    expect(client.permissions).toEqual({ role: "agent", allowed_agents: ["rpi4-1"] });
    expect(await secretMatches(secret, client.secretHash)).toBe(true);
    const kept = await token();
    expect(kept).toEqual({
      refresh_token: expect.stringMatching(/^[A-Za-z0-9]{48}$/),
      obtained_at: "2026-11-23T18:00:00.000+00:00",
    });
    expect(await subject.store.refreshTokens.find(kept.refresh_token)).toMatchObject({
      clientId: "rpi4-1",
      expiresAt: new Date("2027-11-23T18:00:00Z"),
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(events).toEqual(["user_created:root,rpi4-1,role=agent,allowed_agents"]);
    for (const credential of [secret, kept.refresh_token]) expect(audit).not.toContain(credential);
  });

  test("takes names, days and JSON", async () => {
    const { out } = await admin(
      `create-agent lab --allowed-agent lab-* --allowed-agent rpi --token-days 10 --token-file ${file} --json`,
    );
    expect(JSON.parse(out)).toEqual({
      client_id: "lab",
      role: "agent",
      allowed_agents: ["lab-*", "rpi"],
      client_secret: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
      token_file: file,
      expires_at: "2026-12-03T18:00:00.000Z",
    });
    expect((await subject.store.clients.find("lab"))?.permissions.allowed_agents).toEqual(["lab-*", "rpi"]);
  });

  test("renews the file of an agent, whose account stays as it is", async () => {
    await admin(`create-agent rpi --token-file ${file}`);
    const [before, first] = [await subject.store.clients.find("rpi"), await token()];
    clock.advance(86_400);
    const { status, out } = await admin(`create-agent rpi --renew --token-file ${file}`);
    expect([status, out]).toEqual([0, `Its refresh token is in ${file} until 2027-11-24.\n`]);
    expect((await token()).refresh_token).not.toBe(first.refresh_token);
    expect(await subject.store.clients.find("rpi")).toEqual(before);
    expect(await readdir(directory)).toEqual(["refresh_token"]);
    expect(await subject.store.refreshTokens.ofClient("rpi", clock.now())).toHaveLength(2);
  });

  test("does not write over a file", async () => {
    await writeFile(file, "precious");
    expect(await admin(`create-agent rpi --token-file ${file}`)).toMatchObject({
      status: 1,
      err: `testflinger-server admin create-agent: the file ${file} cannot be written: it exists already\n`,
    });
    expect(await readFile(file, "utf8")).toBe("precious");
    expect(await subject.store.clients.find("rpi")).toBeNull();
  });

  test.each<[string, string, number, string]>([
    ["an account that exists", "taken", 1, "client 'taken' exists already; --renew makes another token for it"],
    ["another agent's renewal", "unknown --renew", 1, "there is no agent 'unknown'"],
    ["the renewal of what is no agent", "taken --renew", 1, "there is no agent 'taken'"],
    ["a renewal with other agents", "taken --renew --allowed-agent x", 2, "--renew changes no agents"],
    ["no days", "rpi --token-days 0", 2, "--token-days: '0' is not a whole number from 1 to 3650"],
    ["too many days", "rpi --token-days 9999", 2, "is not a whole number from 1 to 3650"],
    ["an agent without a name", "rpi --allowed-agent=", 2, "a name must not be empty"],
    ["an unknown option", "rpi --secret x", 2, "Unknown option '--secret'"],
  ])("refuses %s, and leaves no file", async (_case, line, status, message) => {
    await subject.store.clients.create({ id: "taken", permissions: { role: "contributor" } });
    const before = await subject.store.clients.list();
    const outcome = await admin(`create-agent ${line} --token-file ${file}`);
    expect([outcome.status, outcome.err]).toEqual([status, expect.stringContaining(message)]);
    expect(await readdir(directory)).toEqual([]);
    expect(await subject.store.clients.list()).toEqual(before);
  });

  test("refuses a place that cannot be written", async () => {
    const outcome = await admin(`create-agent rpi --token-file ${join(directory, "missing", "file")}`);
    expect([outcome.status, outcome.err]).toEqual([1, expect.stringContaining("cannot be written")]);
    expect(await subject.store.clients.find("rpi")).toBeNull();
  });
});
