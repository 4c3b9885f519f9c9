import { Navigate, useLocation } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";

import { useSession } from "../../shared/session";

/** A page for who has signed in. Others sign in first, and then come back. Nothing of it stays for the next. */
export function SignedIn({ children }: { children: ReactNode }) {
  const session = useSession();
  const { href } = useLocation();
  if (session === null) {
    return <Navigate to="/sign-in" search={{ back: href }} replace />;
  }
  return <Fragment key={session.email}>{children}</Fragment>;
}
