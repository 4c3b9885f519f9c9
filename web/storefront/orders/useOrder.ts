import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { type CombinedError, useClient } from "urql";

import { useConnection } from "../../shared/live";
import { away, type Trouble, trouble } from "../../shared/trouble";
import {
  OrderCoreDocument,
  type OrderCoreFragment,
  OrderDocument,
  type OrderQuery,
  WatchOrderDocument,
  type WatchOrderSubscription,
} from "../gql/graphql";
import { asked, begun, type Known, misses, nothing, told } from "./known";

/** How long until something that did not answer is asked again, and what ended is watched again. */
const pause = 4000;

/** How long all contexts together may take to answer before ordering is asked alone. */
const patience = 800;

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
  | { kind: "begun"; core: OrderCoreFragment }
  | { kind: "told"; change: WatchOrderSubscription["orderChanged"]; away: string[] };

function hear(known: Known, heard: Heard): Known {
  switch (heard.kind) {
    case "asked":
      return asked(known, heard.answer, heard.away);
    case "begun":
      return begun(known, heard.core);
    case "told":
      return told(known, heard.change, heard.away);
  }
}

/** Watches an order. What happens while nothing comes through is told afterwards: nothing is left out, and nothing told twice. */
export function useOrder(id: string): Watched {
  const client = useClient();
  const connection = useConnection();
  const [known, tell] = useReducer(hear, nothing);
  const [answer, setAnswer] = useState<{ error: CombinedError | undefined } | null>(null);
  const [ended, setEnded] = useState<Trouble | null>(null);
  const [round, setRound] = useState(0);
  const latest = useRef(known);
  latest.current = known;

  // One question at a time: who is asked again meanwhile is asked once more when that is answered.
  const asking = useRef({ now: false, again: false });
  const ask = useCallback(async () => {
    if (asking.current.now) {
      asking.current.again = true;
      return;
    }
    asking.current.now = true;
    do {
      asking.current.again = false;
      const { data, error } = await client.query(OrderDocument, { id }, { requestPolicy: "network-only" }).toPromise();
      if (data) {
        tell({ kind: "asked", answer: data, away: away(error) });
      }
      setAnswer({ error });
    } while (asking.current.again);
    asking.current.now = false;
  }, [client, id]);

  useEffect(() => {
    void ask();
    // Somebody who is asked may take long to answer, or not to. Meanwhile there is what ordering knows.
    const timer = setTimeout(async () => {
      const { data } = await client.query(OrderCoreDocument, { id }, { requestPolicy: "network-only" }).toPromise();
      if (data?.order) {
        tell({ kind: "begun", core: data.order });
      }
    }, patience);
    return () => clearTimeout(timer);
  }, [ask, client, id]);

  // Who may not see it, or asks for what is not there, has nothing to watch.
  const visible = known.whole && (known.order !== null || known.saga !== null);
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

  const went = trouble(answer?.error);
  const missing = answer !== null && !visible && (went === null || went.kind === "forbidden" || malformed(answer.error));
  const over = missing || went?.kind === "signed out" || ended?.kind === "signed out";
  const unsure = !over && (known.away.length > 0 || went !== null || ended !== null || connection === "lost");
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer is followed by another question, as long as it leaves some
  useEffect(() => {
    if (!unsure) {
      return;
    }
    const timer = setTimeout(() => void ask(), pause);
    return () => clearTimeout(timer);
  }, [unsure, ask, answer]);

  return {
    known,
    missing,
    trouble: ended?.kind === "signed out" ? ended : visible && went?.kind === "away" ? null : went,
    live: ended !== null || connection === "lost" ? "no" : visible && connection === "open" ? "yes" : "not yet",
    ask: () => void ask(),
  };
}

/** Whether the address is no order's at all. */
function malformed(error: CombinedError | undefined): boolean {
  return error?.graphQLErrors.some(({ extensions }) => extensions.code === "BAD_USER_INPUT") ?? false;
}
