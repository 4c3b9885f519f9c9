import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "urql";

import { type Trouble, trouble } from "../../shared/trouble";
import { SagaDeliveriesDocument, SagaTimelineDocument } from "../gql/graphql";
import { delivered, noPages, type Pages, turned, unsettled } from "./pages";

const perPage = 100;
const soonestMs = 1000;
const latestMs = 15_000;

/** What is known of a saga's timeline, and how more of it is to be had. */
export type Timeline = Pages & {
  /** Whether the first page is here. */
  read: boolean;
  /** What was wrong last time. */
  trouble: Trouble | null;
  /** Reads what follows on what is known, also when that is being read already. */
  readOn: () => void;
};

type State = { pages: Pages; read: boolean; trouble: Trouble | null; quiet: number };
const nothing: State = { pages: noPages, read: false, trouble: null, quiet: 0 };

/** Reads a timeline page by page, and again what has become of those facts that are not handled everywhere: the less happens, the rarer. */
export function useTimeline(id: string): Timeline {
  const client = useClient();
  const [state, show] = useState(nothing);
  const held = useRef(state); // is up to date before it is shown
  const become = useCallback((next: (before: State) => State) => {
    held.current = next(held.current);
    show(held.current);
  }, []);
  const reading = useRef({ running: false, again: false });

  const readOn = useCallback(async () => {
    const turn = reading.current;
    if (turn.running) {
      turn.again = true;
      return;
    }
    turn.running = true;
    do {
      turn.again = false;
      const { pages, read } = held.current;
      const after = pages.entries.at(-1)?.cursor ?? null;
      const variables = { id, first: perPage, after };
      const { data, error } = await client.query(SagaTimelineDocument, variables, { requestPolicy: "network-only" });
      const page = data?.saga?.timeline;
      // What is looked at later was not there when the page was opened; further pages of it were.
      const live = read && !pages.more;
      become((before) => ({
        pages: page ? turned(before.pages, page, live) : before.pages,
        read: before.read || Boolean(page),
        trouble: trouble(error),
        quiet: 0,
      }));
    } while (turn.again);
    turn.running = false;
  }, [client, id, become]);

  useEffect(() => {
    void readOn();
  }, [readOn]);

  const { pages, quiet } = state;
  useEffect(() => {
    const range = unsettled(pages, Date.now());
    if (range === null) {
      return;
    }
    let over = false;
    const timer = setTimeout(
      async () => {
        const { data } = await client.query(SagaDeliveriesDocument, { id, ...range }, { requestPolicy: "network-only" });
        if (over) {
          return;
        }
        become((before) => {
          const after = delivered(before.pages, data?.saga?.timeline?.nodes ?? []);
          return { ...before, pages: after, quiet: after === before.pages ? before.quiet + 1 : 0 };
        });
      },
      Math.min(latestMs, soonestMs * 2 ** quiet),
    );
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [client, id, become, pages, quiet]);

  return { ...pages, read: state.read, trouble: state.trouble, readOn: useCallback(() => void readOn(), [readOn]) };
}
