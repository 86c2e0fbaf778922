import { isLoopback } from "../api/server-url.ts";
import type { Context, Output } from "../context.ts";
import type { DeviceAuthorization } from "./device-authorization.ts";

/** Longer addresses make codes that neither fit nor scan. */
const LONGEST_QR_TEXT = 300;
/** Rows of the terminal that the rest of the prompt and the answer need. */
const ROWS_OF_TEXT = 8;

/**
 * Asks the person to log in, on stderr: the address and the code always come first, since a browser may not open, may
 * open elsewhere, or may be a text browser that takes the terminal over.
 */
export async function promptForDeviceLogin(
  authorization: DeviceAuthorization,
  { io, openBrowser }: Pick<Context, "io" | "openBrowser">,
  { browser }: { browser: boolean },
): Promise<void> {
  const { verificationUri, verificationUriComplete, userCode } = authorization;
  const { stderr } = io;
  stderr.write(`Please visit ${verificationUri} and enter code ${userCode} to login.\n`);
  if (verificationUriComplete) stderr.write(`Or open ${verificationUriComplete} and check that it shows this code.\n`);
  // RFC 8628 section 5.4: an attacker's login, confirmed by the victim, gives the attacker the victim's access.
  stderr.write("Continue only if you started this login yourself. Never enter a code that somebody sent you.\n");
  if (!stderr.isTTY) return;
  const url = verificationUriComplete ?? verificationUri;
  const code = isWebAddress(url) ? await qrCode(url, stderr) : undefined;
  if (code) stderr.write(`\n${code}\n`);
  if (browser && isWebAddress(url) && (await openBrowser(url)))
    stderr.write("Your browser should show the page now.\n");
}

/** https, or http that stays on this machine; anything else could start another program than a browser. */
function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
}

/**
 * A QR code of half blocks; undefined when the terminal has no room for it. The blocks are the light parts: with colours
 * they are white on black whatever the terminal's own are, since not every camera reads an inverted code.
 */
async function qrCode(text: string, { columns, rows, colour }: Output): Promise<string | undefined> {
  if (text.length > LONGEST_QR_TEXT) return undefined;
  const { renderUnicodeCompact } = await import("uqr");
  const lines = renderUnicodeCompact(text, { border: 2 }).split("\n");
  if (lines.length + ROWS_OF_TEXT > rows || lines[0]!.length > columns) return undefined;
  return lines.map((line) => (colour ? `\u001b[97;40m${line}\u001b[0m` : line)).join("\n");
}
