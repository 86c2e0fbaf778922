const CONFIRMATION = 2000;

/** `[data-copy-target]` copies the text of the element that it names, and says so for two seconds. */
export function startClipboard(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy-target]")) {
    button.addEventListener("click", async () => {
      const text = document.querySelector(button.dataset.copyTarget ?? "")?.textContent ?? "";
      const label = button.textContent;
      button.textContent = (await copy(text)) ? "Copied!" : "Not copied: the browser forbids it";
      button.disabled = true;
      setTimeout(() => {
        button.textContent = label;
        button.disabled = false;
      }, CONFIRMATION);
    });
  }
}

/** Browsers have no clipboard for plain http pages but the old command. */
async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
