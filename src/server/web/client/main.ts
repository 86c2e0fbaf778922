import { startClipboard } from "./clipboard.ts";
import { startLive } from "./live.ts";
import { startLogs } from "./logs.ts";
import { startMenu } from "./menu.ts";
import { refresh } from "./refresh.ts";
import { startSearch } from "./search.ts";
import { startTables } from "./tables.ts";
import { startTabs } from "./tabs.ts";
import { showLocalTimes } from "./times.ts";

/** The script of all pages. What a page does not have is not looked for twice: every part is silent where there is nothing for it. */
showLocalTimes(document);
startTables();
startTabs();
startSearch(() => refresh("by the person"));
startMenu();
startClipboard();
startLive(startLogs());
