import type { Connection } from "./connection.ts";

/** What belongs to a client beside its own row; allowed queues follow the row by their foreign key. Each is part of a change. */
export interface ClientEstate {
  /** Removes the client with all that belongs to it. False for an unknown client. */
  remove(id: string): boolean;
  /** Removes what an earlier holder of the id left behind: whoever gets an address later must not inherit from a stranger. */
  clear(id: string): void;
  /** Hands everything over to the new id of the same client. */
  move(from: string, to: string): void;
}

export function clientEstate(connection: Connection): ClientEstate {
  const removeClient = connection.prepare("DELETE FROM clients WHERE id = $id");
  const removals = [
    connection.prepare("DELETE FROM refresh_tokens WHERE client_id = $id"),
    connection.prepare("DELETE FROM browser_sessions WHERE client_id = $id"),
    connection.prepare("DELETE FROM secrets WHERE owner = $id"),
  ];
  const moves = [
    connection.prepare("UPDATE refresh_tokens SET client_id = $to WHERE client_id = $from"),
    connection.prepare("UPDATE browser_sessions SET client_id = $to WHERE client_id = $from"),
    connection.prepare("UPDATE secrets SET owner = $to WHERE owner = $from"),
    connection.prepare("UPDATE jobs SET submitter = $to WHERE submitter = $from"),
    connection.prepare("UPDATE jobs SET secrets_owner = $to WHERE secrets_owner = $from"),
  ];
  const clear = (id: string) => {
    for (const removal of removals) removal.run({ id });
  };

  return {
    remove(id) {
      clear(id);
      return removeClient.run({ id }) > 0;
    },
    clear,
    move(from, to) {
      for (const move of moves) move.run({ from, to });
    },
  };
}
