import { clientScript } from "./client-script.ts" with { type: "macro" };
import icon from "./testflinger.svg" with { type: "text" };
import styles from "./testflinger.css" with { type: "text" };

/** Paths of the files that pages load. */
export const ASSETS = {
  script: "/static/assets/js/testflinger.js",
  styles: "/static/assets/css/testflinger.css",
  icon: "/static/assets/img/testflinger.svg",
} as const;

/** Their contents, which are part of the executable. */
export const CONTENTS: ReadonlyMap<string, { readonly text: string; readonly type: string }> = new Map([
  [ASSETS.script, { text: clientScript(), type: "text/javascript; charset=utf-8" }],
  [ASSETS.styles, { text: styles, type: "text/css; charset=utf-8" }],
  [ASSETS.icon, { text: icon, type: "image/svg+xml" }],
]);
