const FORM = new RegExp(
  "^(?:https?|ftps?)://" +
    "(?:[^\\s:@/]+(?::[^\\s:@/]*)?@)?" +
    "(?:(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})\\.?|localhost|(?:\\d{1,3}\\.){3}\\d{1,3}|\\[[a-f0-9]*:[a-f0-9:.]+\\])" +
    "(?::\\d+)?(?:/?|[/?#]\\S+)$",
  "i",
);

/** Characters of a URL at the most; longer ones no server takes. */
const MAX_LENGTH = 16_384;

/** An absolute URL as the API takes it (server-api section 1.5): http, https, ftp or ftps and a dotted host, `localhost` or an address. */
export const isUrl = (text: string): boolean => text.length <= MAX_LENGTH && FORM.test(text);
