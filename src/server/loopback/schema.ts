import { fields, text } from "../../shared/wire.ts";

export const CodeRedemption = fields(
  {
    code: text({ minLength: 1, maxLength: 4096 }),
    code_verifier: text({
      minLength: 43,
      maxLength: 128,
      description: "Whose S256 challenge the login was begun with",
    }),
    redirect_uri: text({ minLength: 1, maxLength: 256, description: "As the login was begun with" }),
  },
  { title: "CodeRedemption" },
);
