import { ALICE } from "../../../support/idp/logins.ts";
import { made, PATHS, type Row } from "./row.ts";

/** Logins, tokens and sessions. */
export const LOGINS: readonly Row[] = [
  [
    "a login with a secret",
    "INFO",
    async (s) => {
      const { id } = await s.client();
      return made(await s.login(id), `authn_login_success:${id}`, "contributor");
    },
  ],
  [
    "a login on a device",
    "INFO",
    async (s) => {
      const { request_id } = await (await s.send("POST", "/oidc/auth-init")).json();
      s.idp.approve(ALICE);
      return made(
        await s.send("POST", `/oidc/auth-poll/${request_id}`),
        `authn_login_success:${ALICE.email}`,
        "device flow",
      );
    },
  ],
  [
    "a login in a browser",
    "INFO",
    async (s) => made(await s.signIn(s.browser(), "ann"), "authn_login_success:ann@example.com", "in a browser"),
  ],
  [
    "tokens that are issued",
    "INFO",
    async (s) => {
      const { id } = await s.client({ role: "manager" });
      return made(await s.login(id), `authn_token_created:${id},manager`, id);
    },
  ],
  [
    "an access token that is refreshed",
    "INFO",
    async (s) => {
      const { id, refresh } = await s.client({ role: "manager" });
      return made(
        await s.refresh(refresh),
        `authn_token_created:${id},manager`,
        `Access token refreshed for client ${id}`,
      );
    },
  ],
  [
    "a login without credentials",
    "WARNING",
    async (s) =>
      made(await s.send("POST", "/v1/oauth2/token"), "authn_login_fail:unknown", "missing authorization header"),
  ],
  [
    "a login with credentials of another scheme",
    "WARNING",
    async (s) =>
      made(
        await s.send("POST", "/v1/oauth2/token", { authorization: "Digest username=x" }),
        "authn_login_fail:unknown",
        "incomplete credentials",
      ),
  ],
  [
    "a login with a wrong secret",
    "WARNING",
    async (s) => {
      const { id } = await s.client();
      return made(await s.login(id, "another-secret-of-theirs"), `authn_login_fail:${id}`, "wrong credentials");
    },
  ],
  [
    "a login to a disabled account",
    "WARNING",
    async (s) => {
      const { id } = await s.client();
      await s.store.clients.update(id, { disabled: true });
      return made(await s.login(id), `authn_login_fail:${id}`, "disabled");
    },
  ],
  [
    "a refresh request that is no such thing",
    "WARNING",
    async (s) => made(await s.refresh(5), "authn_login_fail:unknown", "Refresh token request rejected"),
  ],
  [
    "a login in a browser that fails",
    "WARNING",
    async (s) =>
      made(
        await s.browser().get("/auth/callback?code=x&state=y"),
        "authn_login_fail:unknown",
        "OIDC authentication failed",
      ),
  ],
  [
    "the use of a revoked refresh token",
    "CRITICAL",
    async (s) => {
      const { id, refresh } = await s.client();
      const login = (await s.store.refreshTokens.find(refresh))!;
      await s.store.refreshTokens.revoke(login.id);
      return made(await s.refresh(refresh), `authn_token_reuse:${id},${login.id}`, "revoked");
    },
  ],
  [
    "the use of an expired refresh token",
    "CRITICAL",
    async (s) => {
      const { id } = await s.client();
      const token = `expired-token-${id}`;
      const times = { issuedAt: s.clock.now(), expiresAt: new Date(s.clock.now().getTime() - 1) };
      const login = await s.store.refreshTokens.add(token, { clientId: id, ...times });
      return made(await s.refresh(token), `authn_token_reuse:${id},${login.id}`, "expired");
    },
  ],
  [
    "a refresh token that an admin revokes",
    "INFO",
    async (s) => {
      const [admin, { id, refresh }] = [await s.client({ role: "admin" }), await s.client()];
      const login = (await s.store.refreshTokens.find(refresh))!;
      const answer = await s.as(admin, "POST", "/v1/oauth2/revoke", { refresh_token: refresh });
      return made(answer, `authn_token_revoked:${id},${login.id}`, admin.id);
    },
  ],
  [
    "a login that its owner ends",
    "INFO",
    async (s) => {
      const ann = await s.client();
      const login = (await s.store.refreshTokens.find(ann.refresh))!;
      const answer = await s.as(ann, "DELETE", `${PATHS.sessions}/${login.id}`);
      return made(answer, `authn_token_revoked:${ann.id},${login.id}`, ann.id);
    },
  ],
  ...(["authn_login_fail_max", "authn_login_lock"] as const).map((name): Row => [
    `${name === "authn_login_lock" ? "a client that is closed" : "the last failure that is allowed"}`,
    "WARNING",
    async (s) => {
      const { id } = await s.client();
      const answers = await s.times(3, () => s.login(id, "another-secret-of-theirs"));
      return made(answers, `${name}:${id},${name === "authn_login_lock" ? "maxretries" : "3"}`, id);
    },
  ]),
  [
    "a browser session that begins",
    "INFO",
    async (s) => made(await s.signIn(s.browser(), "fritz"), "session_created:fritz@example.com"),
  ],
  [
    "a browser session that is renewed by another login",
    "INFO",
    async (s) => {
      const browser = s.browser();
      await s.signIn(browser, "greta");
      return made(await s.signIn(browser, "greta"), "session_renewed:greta@example.com");
    },
  ],
  [
    "a browser session that another person's takes the place of",
    "INFO",
    async (s) => {
      const browser = s.browser();
      await s.signIn(browser, "hans");
      return made(await s.signIn(browser, "ida"), "session_expired:hans@example.com,replaced", "ida@example.com");
    },
  ],
  [
    "a person who signs out",
    "INFO",
    async (s) => {
      const browser = s.browser();
      await s.signIn(browser, "jana");
      return made(await browser.post("/auth/logout"), "session_expired:jana@example.com,signed out");
    },
  ],
  [
    "a browser session that is ended from elsewhere",
    "INFO",
    async (s) => {
      await s.signIn(s.browser(), "kurt");
      const [session] = await s.store.browserSessions.ofClient("kurt@example.com", s.clock.now());
      const answer = await s.as(await s.client({ role: "admin" }), "DELETE", `${PATHS.sessions}/${session!.id}`);
      return made(answer, "session_expired:kurt@example.com,ended", session!.id);
    },
  ],
  [
    "device logins that an address begins without end",
    "WARNING",
    async (s) => {
      const begin = () => s.send("POST", "/oidc/auth-init");
      return made(await s.times(5, begin), "excess_rate_limit_exceeded:127.0.0.1,5", "auth-init");
    },
  ],
];
