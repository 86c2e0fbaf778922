/**
 * Makes an element like a fresh copy of it and changes no more than differs, so that focus, selection and scroll positions stay. Children are
 * told apart by their ids; those without are taken in their order.
 */
export function morph(current: Element, fresh: Element): void {
  if (current.isEqualNode(fresh)) return;
  for (const { name } of Array.from(current.attributes)) if (!fresh.hasAttribute(name)) current.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (current.getAttribute(name) !== value) current.setAttribute(name, value);
  morphChildren(current, fresh);
}

function morphChildren(current: Element, fresh: Element): void {
  const byId = new Map([...current.children].filter(({ id }) => id !== "").map((child) => [child.id, child]));
  let place = current.firstChild;
  for (const child of Array.from(fresh.childNodes)) {
    const same =
      child instanceof Element && child.id !== "" ? byId.get(child.id) : isAlike(place, child) ? place : null;
    if (!same) {
      current.insertBefore(child, place);
      continue;
    }
    if (same === place) place = place.nextSibling;
    else current.insertBefore(same, place);
    if (same instanceof Element) morph(same, child as Element);
    else if (same.nodeValue !== child.nodeValue) same.nodeValue = child.nodeValue;
  }
  while (place) {
    const next: ChildNode | null = place.nextSibling;
    place.remove();
    place = next;
  }
}

/** May the node become the fresh one? One with an id stands for itself only. */
const isAlike = (node: ChildNode | null, fresh: ChildNode): node is ChildNode =>
  node !== null && node.nodeName === fresh.nodeName && !(node instanceof Element && node.id !== "");
