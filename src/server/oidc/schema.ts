import { Type } from "@sinclair/typebox";
import { integer, text } from "../../shared/wire.ts";

/** What the provider answers to a device authorization request, without its device code. */
export const DeviceAuthorization = Type.Object(
  {
    request_id: text({ description: "To poll with" }),
    user_code: text({ description: "The person enters it at the verification URI" }),
    verification_uri: text({ format: "uri" }),
    verification_uri_complete: Type.Optional(text({ format: "uri", description: "With the user code filled in" })),
    expires_in: Type.Optional(integer({ description: "Seconds that the login may take; 300 if absent" })),
    interval: Type.Optional(integer({ description: "Seconds to wait between polls; 5 if absent" })),
  },
  { additionalProperties: true, title: "DeviceAuthorization" },
);

/** An OAuth error (RFC 8628 section 3.5); no error envelope. */
export const PollError = Type.Object(
  {
    error: text({
      description: "`authorization_pending` and `slow_down`: poll again; anything else ends the login",
      examples: ["authorization_pending", "slow_down", "access_denied", "expired_token"],
    }),
  },
  { title: "PollError" },
);
