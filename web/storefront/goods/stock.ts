import { fromNow } from "../../shared/moment";
import type { Tone } from "../../shared/ui";
import type { AvailabilityStatus } from "../gql/graphql";

/** What inventory promises of a product. */
export type Availability = { available: number; status: AvailabilityStatus; stale: boolean; asOf: string };

/** How much there is, in words. */
export type Stock = { tone: Tone; text: string };

/** How much there is of a product, in words. `away` says that inventory does not answer, so that what it has not said is not known. */
export function stock(availability: Availability | null | undefined, away: boolean, now: number): Stock {
  if (!availability) {
    return away ? { tone: "undo", text: "Stock unknown: confirmed after ordering" } : { tone: "bad", text: "Out of stock" };
  }
  const { available, status, stale, asOf } = availability;
  if (stale) {
    const then = status === "OUT_OF_STOCK" ? "Out of stock" : status === "LOW_STOCK" ? `${available} left` : "In stock";
    return { tone: "undo", text: `${then} ${fromNow(asOf, now)}: confirmed after ordering` };
  }
  switch (status) {
    case "OUT_OF_STOCK":
      return { tone: "bad", text: "Out of stock" };
    case "LOW_STOCK":
      return { tone: "undo", text: `Only ${available} left` };
    case "IN_STOCK":
      return { tone: "good", text: "In stock" };
  }
}

/** Whether it is known that there is nothing to buy. What is not known may be ordered: inventory decides then. */
export function isGone(availability: Availability | null | undefined, away: boolean): boolean {
  return availability ? !availability.stale && availability.available <= 0 : !away;
}
