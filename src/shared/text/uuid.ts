/**
 * Is this the text of a UUID, leniently: any letter case, hyphens anywhere or nowhere, braces, `urn:uuid:` in front (server-api section 1.7)?
 * Nothing is normalised: job ids are compared letter by letter.
 */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{32}$/i.test(
    text
      .replace(/urn:/g, "")
      .replace(/uuid:/g, "")
      .replace(/^[{}]+|[{}]+$/g, "")
      .replaceAll("-", ""),
  );
