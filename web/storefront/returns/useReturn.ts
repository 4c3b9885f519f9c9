import { useEffect, useState } from "react";
import { useClient } from "urql";

import { trouble } from "../../shared/trouble";
import { type ReturnPartsFragment, WatchReturnDocument } from "../gql/graphql";

/** How long until a return is watched again after that has ended. */
const pause = 4000;

/** Whether nothing more comes of a return by itself. */
export function atRest({ state }: ReturnPartsFragment): boolean {
  return state === "COMPLETED" || state === "COMPENSATED";
}

/** A return as it is now: it is watched until it is at rest, which is said once. */
export function useReturn(known: ReturnPartsFragment, onRest: () => void): ReturnPartsFragment {
  const client = useClient();
  const [told, setTold] = useState<ReturnPartsFragment | null>(null);
  const [round, setRound] = useState(0);
  const goods = told === null || atRest(known) ? { ...known, creditNote: known.creditNote ?? told?.creditNote ?? null } : told;
  const rests = atRest(goods);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another round begins where the last one has ended
  useEffect(() => {
    if (rests) {
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watching = client.subscription(WatchReturnDocument, { id: known.id }).subscribe(({ data, error, hasNext }) => {
      const now = data?.returnChanged.return;
      if (hasNext && now) {
        setTold(now);
        if (atRest(now)) {
          onRest();
        }
      } else if (!hasNext && trouble(error)?.kind !== "signed out") {
        timer = setTimeout(() => setRound((round) => round + 1), pause);
      }
    });
    return () => {
      clearTimeout(timer);
      watching.unsubscribe();
    };
  }, [client, known.id, rests, round]);

  return goods;
}
