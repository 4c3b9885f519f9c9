import type { Address } from "../address/address";

const key = "quadrille.checkout";

/** What somebody has said so far on the way to an order. */
export type Draft = {
  /** Where to. */
  address?: Address;
  /** The card's token. */
  card?: string;
};

/** What was said in this tab by whoever has this e-mail address: nobody is shown where others live. */
export function readDraft(email: string): Draft {
  try {
    const { of, draft } = JSON.parse(sessionStorage.getItem(key) ?? "") as { of: string; draft: Draft };
    return of === email ? draft : {};
  } catch {
    return {};
  }
}

/** Keeps what was said; it survives a reload. */
export function keepDraft(email: string, draft: Draft) {
  sessionStorage.setItem(key, JSON.stringify({ of: email, draft }));
}

/** Forgets it. */
export function dropDraft() {
  sessionStorage.removeItem(key);
}

/** The steps to an order, in this order. */
export const steps = ["address", "payment", "review"] as const;

/** A step to an order. */
export type Step = (typeof steps)[number];

/** The step that can be shown: the one asked for, or the first before it that has still to be taken. */
export function reachable(wanted: Step | undefined, draft: Draft): Step {
  const ready: Record<Step, boolean> = { address: draft.address !== undefined, payment: draft.card !== undefined, review: false };
  const first = steps.find((step) => !ready[step]) ?? "review";
  return wanted !== undefined && steps.indexOf(wanted) <= steps.indexOf(first) ? wanted : first;
}
