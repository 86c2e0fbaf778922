import { SAMPLE } from "../http/example.ts";

/** What whoever has logged in gets, in the examples of the API description. */
export const TOKENS = {
  access_token: SAMPLE.accessToken,
  token_type: "Bearer",
  expires_in: 600,
  refresh_token: SAMPLE.refreshToken,
} as const;
