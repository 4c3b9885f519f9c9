import { type ReactNode, useState } from "react";
import { Provider } from "urql";

import { newClient } from "./client";
import { useSession } from "./session";

/** Has what is below ask as whoever has signed in. What was fetched for somebody is forgotten with them: nobody else gets to see it. */
export function AsViewer({ children }: { children: ReactNode }) {
  const token = useSession()?.token;
  const [asking, setAsking] = useState(() => ({ token, client: newClient() }));
  if (asking.token !== token) {
    setAsking({ token, client: newClient() });
  }
  return <Provider value={asking.client}>{children}</Provider>;
}
