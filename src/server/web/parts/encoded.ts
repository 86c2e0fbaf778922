/** Text as a part of a URL. Names are anybody's choice and may hold halves of characters, of which no URL can be made. */
export const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
