import { Database, type Statement } from "bun:sqlite";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../../src/server/store/sqlite/open.ts";
import type { Store } from "../../../src/server/store/store.ts";
import { embeddedDump } from "../../support/credentials/database-dump.ts";
import type { Adapter, QueryPlan } from "../contract.ts";

/** Steps of a plan that read every row of a table. */
export function scansOf(database: Database, sql: string): string[] {
  const isTable = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  // Finalized at once: an explained change that is only reset still counts as a running one, which forbids to commit.
  using plan = database.prepare<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${sql}`);
  return plan
    .all()
    .map(({ detail }) => detail)
    .filter((detail) => isTable.get(/^SCAN (\w+)/.exec(detail)?.[1] ?? "") !== null);
}

const EXECUTIONS = ["all", "get", "iterate", "run", "values"];

/** A class of databases that report every statement when it runs. */
function tracing(onStatement: (database: Database, sql: string) => void): typeof Database {
  return class extends Database {
    override prepare(...args: Parameters<Database["prepare"]>): any {
      const statement = super.prepare(...args);
      return new Proxy(statement, {
        get: (target: Statement, name) => {
          const member: unknown = Reflect.get(target, name, target);
          if (typeof member !== "function") return member;
          return (...values: unknown[]) => {
            if (EXECUTIONS.includes(String(name))) onStatement(this, args[0]);
            return member.apply(target, values);
          };
        },
      });
    }
  };
}

export const sqlite: Adapter = {
  name: "SQLite",
  async create() {
    const directory = await mkdtemp(join(tmpdir(), "testflinger-store-"));
    const statements = new Map<string, Database>();
    let store: Store;
    return {
      async open(retention) {
        const Database = tracing((database, sql) => statements.set(sql, database));
        return (store = await openSqliteStore({ directory, retention, Database }));
      },
      async explain(operation) {
        statements.clear();
        await operation(store);
        return [...statements].map(([query, database]): QueryPlan => ({ query, scans: scansOf(database, query) }));
      },
      dump: () => embeddedDump(directory),
      empty: () => rm(directory, { recursive: true, force: true }),
      dispose: () => rm(directory, { recursive: true, force: true }),
    };
  },
};
