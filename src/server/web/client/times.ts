/** Tells the time where the reader is, as a tooltip: pages name times in UTC, as logs do. */
export function showLocalTimes(root: ParentNode): void {
  for (const time of root.querySelectorAll("time")) {
    const date = new Date(time.dateTime);
    time.title = date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
  }
}
