import { basename } from "node:path";
import { main } from "./program.ts";
import { processContext } from "./runtime/context.ts";

process.exit(await main(process.argv.slice(2), basename(process.argv0), processContext()));
