import { fields, flag, integer, oneOf, optional, text } from "../../shared/wire.ts";
import { MIN_SECRET_LENGTH } from "./client-secret.ts";

const accessToken = {
  access_token: text({ description: "A JWT for `Authorization: Bearer`" }),
  token_type: oneOf(["Bearer"]),
  expires_in: integer({ description: "Seconds that the access token is valid" }),
};

export const TokenPair = fields(
  { ...accessToken, refresh_token: text({ description: "Gets new access tokens for six days" }) },
  { title: "TokenPair" },
);

export const RefreshAnswer = fields(
  {
    ...accessToken,
    refresh_token: optional(text({ description: "Only if asked for: takes the place of the one that was sent" })),
  },
  { title: "RefreshAnswer" },
);

export const RefreshBody = fields(
  {
    refresh_token: text({ minLength: 1 }),
    rotate: optional(
      flag({
        description:
          "Replace the refresh token. The old one gives the same new one for 30 seconds more; later its use ends the login",
      }),
    ),
  },
  { title: "Refresh" },
);

export const RefreshTokenBody = fields({ refresh_token: text({ minLength: 1 }) }, { title: "RefreshToken" });

/** A secret is made for those who choose none. */
export const NewSecret = fields(
  {
    client_secret: optional(
      text({
        minLength: MIN_SECRET_LENGTH,
        description: "At most 72 bytes of UTF-8. Without it the server makes one, and tells it in its answer only",
      }),
    ),
  },
  { title: "NewSecret" },
);

export const ChangedSecret = fields(
  {
    client_id: text({ description: "Whose secret it is" }),
    client_secret: optional(text({ description: "The new secret, if the server made it" })),
  },
  { title: "ChangedSecret" },
);

export const Done = fields({ status: oneOf(["OK"]) }, { title: "Done" });
