import { useEffect, useReducer, useRef, useState } from "react";
import { type CombinedError, useClient, useQuery } from "urql";

import { useConnection } from "../../shared/live";
import { away, type Trouble, trouble } from "../../shared/trouble";
import { OrderDocument, type OrderQuery, WatchOrderDocument, type WatchOrderSubscription } from "../gql/graphql";
import { asked, type Known, misses, nothing, told } from "./known";

/** How long until something that did not answer is asked again, and what ended is watched again. */
const pause = 4000;

/** An order that is watched. */
export type Watched = {
  known: Known;
  /** There is no such order, or it is somebody else's: which of the two is not for the asker to know. */
  missing: boolean;
  /** Why nothing, or nothing new, can be shown; null also while only parts are missing. */
  trouble: Trouble | null;
  /** Whether changes come as they happen: not yet, yes, or not at the moment. */
  live: "not yet" | "yes" | "no";
  /** Asks again, now. */
  ask: () => void;
};

type Heard =
  | { kind: "asked"; answer: OrderQuery; away: string[] }
  | { kind: "told"; change: WatchOrderSubscription["orderChanged"]; away: string[] };

function hear(known: Known, heard: Heard): Known {
  return heard.kind === "asked" ? asked(known, heard.answer, heard.away) : told(known, heard.change, heard.away);
}

/** Watches an order. What happens while nothing comes through is told afterwards: nothing is left out, and nothing told twice. */
export function useOrder(id: string): Watched {
  const client = useClient();
  const connection = useConnection();
  const [known, tell] = useReducer(hear, nothing);
  const [{ data, error }, again] = useQuery({ query: OrderDocument, variables: { id }, requestPolicy: "network-only" });
  const [ended, setEnded] = useState<Trouble | null>(null);
  const [round, setRound] = useState(0);
  const latest = useRef(known);
  latest.current = known;

  useEffect(() => {
    if (data) {
      tell({ kind: "asked", answer: data, away: away(error) });
    }
  }, [data, error]);

  // Who may not see it, or asks for what is not there, has nothing to watch.
  const visible = known.order !== null || known.saga !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another round begins where the last one has ended
  useEffect(() => {
    if (!visible) {
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const anew = () => {
      timer = setTimeout(() => setRound((round) => round + 1), pause);
    };
    const since = latest.current.facts.length;
    const watching = client.subscription(WatchOrderDocument, { id, since }).subscribe(({ data, error, hasNext }) => {
      const change = data?.orderChanged;
      if (!hasNext) {
        const went = trouble(error);
        setEnded(went?.kind === "away" ? null : went);
        if (went?.kind !== "signed out") {
          anew();
        }
      } else if (change && misses(latest.current, change.sequence)) {
        anew();
      } else if (change) {
        setEnded(null);
        const heard: Heard = { kind: "told", change, away: away(error) };
        latest.current = hear(latest.current, heard);
        tell(heard);
      }
    });
    return () => {
      clearTimeout(timer);
      watching.unsubscribe();
    };
  }, [client, id, visible, round]);

  const went = trouble(error);
  const missing = data !== undefined && !visible && (went === null || went.kind === "forbidden" || malformed(error));
  const over = missing || went?.kind === "signed out" || ended?.kind === "signed out";
  const unsure = !over && (known.away.length > 0 || went !== null || ended !== null || connection === "lost");
  useEffect(() => {
    if (!unsure) {
      return;
    }
    const timer = setInterval(() => again({ requestPolicy: "network-only" }), pause);
    return () => clearInterval(timer);
  }, [unsure, again]);

  return {
    known,
    missing,
    trouble: ended?.kind === "signed out" ? ended : visible && went?.kind === "away" ? null : went,
    live: ended !== null || connection === "lost" ? "no" : visible && connection === "open" ? "yes" : "not yet",
    ask: () => again({ requestPolicy: "network-only" }),
  };
}

/** Whether the address is no order's at all. */
function malformed(error: CombinedError | undefined): boolean {
  return error?.graphQLErrors.some(({ extensions }) => extensions.code === "BAD_USER_INPUT") ?? false;
}
