import { useEffect } from "react";

import type { Trouble } from "../../shared/trouble";

const everyMs = 8000;

/** While somebody does not answer, asks again every few seconds: a page is whole again without being told to. */
export function useAgain(trouble: Trouble | null, refetch: (options: { requestPolicy: "network-only" }) => void) {
  const silent = trouble?.kind === "away" || trouble?.kind === "offline";
  useEffect(() => {
    if (!silent) {
      return;
    }
    const timer = setInterval(() => refetch({ requestPolicy: "network-only" }), everyMs);
    return () => clearInterval(timer);
  }, [silent, refetch]);
}
