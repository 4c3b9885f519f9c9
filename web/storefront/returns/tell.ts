import { money } from "../../shared/money";
import type { Tone } from "../../shared/ui";
import type { ReturnPartsFragment, SagaStepState } from "../gql/graphql";

/** What there is to tell of a return now. */
export type Story = { tone: Tone; headline: string; sentences: string[] };

/** Tells how a return stands. */
export function tellReturn(goods: ReturnPartsFragment): Story {
  const refund = money(goods.refund);
  switch (goods.state) {
    case "RUNNING":
      return { tone: "main", headline: underWay(goods), sentences: [`When all is done, you get ${refund} back.`] };
    case "COMPLETED":
      return { tone: "good", headline: `We returned ${refund} to your card`, sentences: collection(goods) };
    case "COMPENSATING":
      return {
        tone: "undo",
        headline: "This return can't go through",
        sentences: [because(goods), "What was arranged for it is being undone, and you keep your items."],
      };
    case "COMPENSATED":
      return {
        tone: "undo",
        headline: "This return did not go through",
        sentences: [because(goods), "Everything is undone, and you keep your items. You can try again."],
      };
    case "NEEDS_OPERATOR":
      return {
        tone: "bad",
        headline: "This return needs one of us",
        sentences: [
          because(goods),
          "Something that was arranged for it cannot be undone by itself. We are looking into it; you need not do anything.",
        ],
      };
  }
}

function underWay({ steps }: ReturnPartsFragment): string {
  switch (steps.find(({ state }) => state === "RUNNING")?.name) {
    case "pickup":
      return "Arranging the collection";
    case "restock":
      return "Booking your items back in";
    case "refund":
      return "Returning your money";
    default:
      return "Your return is under way";
  }
}

function collection({ steps }: ReturnPartsFragment): string[] {
  const number = steps.find(({ name }) => name === "pickup")?.reference;
  return number ? [`The carrier collects your items under the number ${number}.`] : ["The carrier collects your items."];
}

/** Which step was in vain. What its context says of it is for operators. */
function because({ steps }: ReturnPartsFragment): string {
  const failed = steps.find(({ state }) => state === "FAILED") ?? steps.findLast(({ startedAt }) => startedAt);
  switch (failed?.name) {
    case "pickup":
      return "The carrier can't collect your items.";
    case "restock":
      return "The stockroom can't take your items back.";
    case "refund":
      return "The money can't be returned to your card.";
    default:
      return "Something that it needs is not possible.";
  }
}

/** A step of a return in words. */
export function tellStep({ name, state, attempts }: ReturnPartsFragment["steps"][number]): { title: string; says: string } {
  const tries = state === "RUNNING" && attempts > 1 ? `, asked ${attempts} times` : "";
  return { title: titles[name] ?? name, says: (says[name]?.[state] ?? common[state]) + tries };
}

const titles: Record<string, string> = { pickup: "Collection", restock: "Back in stock", refund: "Refund" };

const common: Record<SagaStepState, string> = {
  PENDING: "Later",
  RUNNING: "Under way",
  DONE: "Done",
  FAILED: "Not possible",
  COMPENSATING: "Being undone",
  COMPENSATED: "Undone",
  SKIPPED: "Not needed any more",
};

const says: Record<string, Partial<Record<SagaStepState, string>>> = {
  pickup: {
    RUNNING: "Shipping is asking the carrier",
    DONE: "Arranged",
    FAILED: "Can't be collected",
    COMPENSATING: "Being called off",
    COMPENSATED: "Called off",
  },
  restock: {
    PENDING: "Once the collection is arranged",
    RUNNING: "The stockroom is booking it",
    DONE: "Booked in",
    FAILED: "Can't be taken back",
    COMPENSATING: "Being booked out again",
    COMPENSATED: "Booked out again",
  },
  refund: {
    PENDING: "Once your items are booked in",
    RUNNING: "Billing is asking your bank",
    DONE: "Money returned",
    FAILED: "Can't be returned to your card",
    COMPENSATING: "Being called off",
    COMPENSATED: "Called off",
  },
};
