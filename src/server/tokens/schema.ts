import { fields, integer, oneOf, text } from "../../shared/wire.ts";

const accessToken = {
  access_token: text({ description: "A JWT for `Authorization: Bearer`" }),
  token_type: oneOf(["Bearer"]),
  expires_in: integer({ description: "Seconds that the access token is valid" }),
};

export const AccessTokenAnswer = fields(accessToken, { title: "AccessToken" });

export const TokenPair = fields(
  { ...accessToken, refresh_token: text({ description: "Gets new access tokens for six days" }) },
  { title: "TokenPair" },
);

export const RefreshTokenBody = fields({ refresh_token: text({ minLength: 1 }) }, { title: "RefreshToken" });

export const Done = fields({ status: oneOf(["OK"]) }, { title: "Done" });
