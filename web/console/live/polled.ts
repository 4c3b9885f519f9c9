import { useCallback, useEffect, useRef, useState } from "react";
import { type AnyVariables, type TypedDocumentNode, useClient } from "urql";

import { type Trouble, trouble } from "../../shared/trouble";
import { kept } from "./kept";

/** What was answered to a question that is asked again and again. */
export type Polled<Data> = {
  /** As of the last answers: what could not be had lately is as it was before. Null before the first. */
  data: Data | null;
  /** When the last whole answer came. */
  asOf: number | null;
  /** What was wrong last time. */
  trouble: Trouble | null;
  /** How long after an answer it is asked again. */
  everyMs: number;
  /** Asks at once. */
  again: () => void;
};

/** Asks, and asks again so long after each answer, as long as the page can be seen. */
export function usePolled<Data extends object, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  everyMs: number,
): Polled<Data> {
  const client = useClient();
  const asked = JSON.stringify(variables);
  const [polled, setPolled] = useState<Omit<Polled<Data>, "again" | "everyMs"> & { asked: string }>({ asked, ...nothing });
  const ask = useRef<() => void>(() => undefined);

  useEffect(() => {
    const wanted = JSON.parse(asked) as Variables;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asking = false;
    let over = false;
    const next = async () => {
      clearTimeout(timer);
      if (asking || document.hidden) {
        return;
      }
      asking = true;
      const { data, error } = await client.query(query, wanted, { requestPolicy: "network-only" }).toPromise();
      asking = false;
      if (over) {
        return;
      }
      setPolled((before) => {
        const known = before.asked === asked ? before : nothing;
        return {
          asked,
          data: kept(known.data, data, error === undefined),
          asOf: error === undefined ? Date.now() : known.asOf,
          trouble: trouble(error),
        };
      });
      timer = setTimeout(next, everyMs);
    };
    ask.current = () => void next();
    ask.current();
    document.addEventListener("visibilitychange", ask.current);
    const asker = ask.current;
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", asker);
    };
  }, [client, query, asked, everyMs]);

  const again = useCallback(() => ask.current(), []);
  const { data, asOf, trouble: went } = polled.asked === asked ? polled : nothing;
  return { data, asOf, trouble: went, everyMs, again };
}

const nothing = { data: null, asOf: null, trouble: null };
