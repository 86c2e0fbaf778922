/** Closes the menu in the header on a click elsewhere and on Escape. */
export function startMenu(): void {
  const menu = document.querySelector<HTMLDetailsElement>(".user-menu");
  if (!menu) return;
  document.addEventListener("click", ({ target }) => {
    if (!menu.contains(target as Node)) menu.open = false;
  });
  menu.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
}
