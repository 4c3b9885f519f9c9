import { type KeyboardEvent, type RefObject, useEffect } from "react";

/** Which message a key leads to from another; null if it leads nowhere. */
export function movedTo(key: string, ids: readonly string[], from: string | null): string | null {
  const at = from === null ? -1 : ids.indexOf(from);
  switch (key) {
    case "ArrowDown":
      return ids[Math.min(at + 1, ids.length - 1)] ?? null;
    case "ArrowUp":
      return ids[Math.max(at - 1, 0)] ?? null;
    case "Home":
      return ids[0] ?? null;
    case "End":
      return ids.at(-1) ?? null;
    default:
      return null;
  }
}

/** Moves the focus among elements that are named by data-message, as keys say. */
export function moveFocus(event: KeyboardEvent<Element>, ids: readonly string[], from: string | null): string | null {
  const to = event.altKey || event.ctrlKey || event.metaKey ? null : movedTo(event.key, ids, from);
  if (to !== null) {
    event.preventDefault();
    const target = named(event.currentTarget, to);
    target?.focus({ preventScroll: true });
    reveal(target);
  }
  return to;
}

/** Keeps what is chosen where it can be seen. */
export function useReveal(box: RefObject<HTMLElement | null>, chosen: string | null) {
  useEffect(() => {
    if (chosen !== null && box.current !== null) {
      reveal(named(box.current, chosen));
    }
  }, [box, chosen]);
}

/** Moves the focus to a message. */
export function focusOn(id: string | undefined) {
  if (id !== undefined) {
    named(document.body, id)?.focus({ preventScroll: true });
  }
}

function named(within: Element, id: string): HTMLElement | SVGElement | null {
  return within.querySelector(`[data-message="${CSS.escape(id)}"]`);
}

/** Scrolls to an element, if it is not in that part of the window that nothing covers: lane names above, details below. */
function reveal(element: Element | null) {
  const at = element?.getBoundingClientRect();
  const covered = window.matchMedia("(max-width: 71.99rem)").matches ? 0.6 : 0.05;
  if (at !== undefined && (at.top < 60 || at.bottom > window.innerHeight * (1 - covered))) {
    window.scrollBy({ top: at.top - window.innerHeight * 0.2 });
  }
}
