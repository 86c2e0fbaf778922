/** A line that says what to do about a 401, which alone tells nobody (W47). */
export const howToLogIn = (program: string): string =>
  `If this needs a login: run "${program} login", or set client_id and secret_key with "${program} config".\n`;
