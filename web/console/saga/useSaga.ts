import { useCallback, useEffect, useRef, useState } from "react";
import { useSubscription } from "urql";

import { OrderSagaDocument, ReturnSagaDocument, SagaDocument } from "../gql/graphql";
import { usePolled } from "../live/polled";
import { type Timeline, useTimeline } from "./useTimeline";

const everyMs = 5000;

/**
 * A saga and its timeline, as they are now: told of every change, and looked at now and then in case that nobody can tell. The id is that
 * of the saga, of its order or of its return.
 */
export function useSaga(id: string) {
  const saga = usePolled(SagaDocument, { id }, everyMs);
  const timeline = useTimeline(id);
  const { again } = saga;
  const changed = useChange(timeline, again);
  const subject = saga.data?.saga?.subject;
  const of = subject?.__typename;
  const since = useFirst(timeline.read ? (timeline.entries.at(-1)?.fact.sequence ?? 0) : null);
  const ready = since !== null && subject != null;
  const variables = { id: subject?.id ?? "", since };

  useSubscription({ query: OrderSagaDocument, variables, pause: !ready || of !== "Order" }, (_, { orderChanged }) => {
    changed(orderChanged.sequence);
    return { orderChanged };
  });
  useSubscription({ query: ReturnSagaDocument, variables, pause: !ready || of !== "Return" }, (_, { returnChanged }) => {
    changed(returnChanged.sequence);
    return { returnChanged };
  });

  // Also without being told.
  const last = saga.data?.saga?.lastFactAt;
  const { readOn, more } = timeline;
  const seen = useRef(last);
  useEffect(() => {
    if (seen.current !== last && seen.current !== undefined && !more) {
      readOn();
    }
    seen.current = last;
  }, [last, readOn, more]);
  return { saga, timeline };
}

/** What is to be done when a saga is said to have come to a fact. */
function useChange({ entries, more, readOn }: Timeline, again: () => void) {
  const known = entries.at(-1)?.fact.sequence ?? 0;
  return useCallback(
    (sequence: number) => {
      if (sequence > known) {
        again();
        if (!more) {
          readOn();
        }
      }
    },
    [known, more, readOn, again],
  );
}

/** The first value that is known. */
function useFirst<T>(value: T | null): T | null {
  const [first, setFirst] = useState(value);
  if (first === null && value !== null) {
    setFirst(value);
  }
  return first ?? value;
}
