import { useEffect, useState } from "react";
import { useClient } from "urql";

import { SagaChangedDocument, type SagaFilter } from "../gql/graphql";
import { type Change, type Heard, hear } from "./rows";

const shownEveryMs = 250;
const nothing: Heard = new Map();

/** What is heard of sagas from when `since` was last another one. Much that comes at once is shown at once. */
export function useChanges(filter: SagaFilter, since: unknown): Heard {
  const client = useClient();
  const [heard, setHeard] = useState<{ since: unknown; changes: Heard }>({ since, changes: nothing });
  const watched = JSON.stringify(filter);

  useEffect(() => {
    let waiting: Change[] = [];
    const { unsubscribe } = client.subscription(SagaChangedDocument, { filter: JSON.parse(watched) }).subscribe(({ data }) => {
      if (data) {
        waiting.push({ ...data.sagaChanged.saga, sequence: data.sagaChanged.sequence });
      }
    });
    const timer = setInterval(() => {
      if (waiting.length > 0) {
        const changes = waiting;
        waiting = [];
        setHeard((before) => ({ since, changes: hear(before.since === since ? before.changes : nothing, changes) }));
      }
    }, shownEveryMs);
    return () => {
      unsubscribe();
      clearInterval(timer);
    };
  }, [client, watched, since]);

  return heard.since === since ? heard.changes : nothing;
}
