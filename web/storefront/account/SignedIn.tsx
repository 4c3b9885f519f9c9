import { Navigate, useRouterState } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useSession } from "../../shared/session";

/** What only somebody who has signed in can use. Everybody else signs in first, and comes back. */
export function SignedIn({ children }: { children: ReactNode }) {
  const back = useRouterState({ select: ({ location }) => location.href });
  return useSession() === null ? <Navigate to="/sign-in" search={{ back }} replace /> : children;
}
