const FORM = new RegExp(
  "^(?:https?|ftps?)://" +
    "(?:[^\\s:@/]+(?::[^\\s:@/]*)?@)?" +
    "(?:(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})\\.?|localhost|(?:\\d{1,3}\\.){3}\\d{1,3}|\\[[a-f0-9]*:[a-f0-9:.]+\\])" +
    "(?::\\d+)?(?:/?|[/?#]\\S+)$",
  "i",
);

/** An absolute URL as the API takes it (server-api section 1.5): http, https, ftp or ftps and a dotted host, `localhost` or an address. */
export const isUrl = (text: string): boolean => FORM.test(text);
