import type { Config } from "./config.ts";
import type { Store } from "./store/store.ts";

/**
 * Opens the store that the configuration names. Each adapter is loaded only when it is used: the MongoDB driver alone would double the start time.
 *
 * @param exclusive the embedded store serves one server; operators' commands may look into it beside that server
 */
export async function openStore(
  { store, retention }: Pick<Config, "store" | "retention">,
  exclusive: boolean,
): Promise<Store> {
  if (store.kind === "sqlite") {
    const { openSqliteStore } = await import("./store/sqlite/open.ts");
    return openSqliteStore({ directory: store.directory, retention, exclusive });
  }
  const [{ openMongoStore }, { connectionUri }] = await Promise.all([
    import("./store/mongo/open.ts"),
    import("./store/mongo/connection.ts"),
  ]);
  const uri = typeof store.connection === "string" ? store.connection : connectionUri(store.connection);
  return openMongoStore({ uri, keyVaultUri: store.keyVaultUri, maxPoolSize: store.maxPoolSize, retention });
}
