import { Navigate, useRouter } from "@tanstack/react-router";
import { Fragment, type ReactNode, useState } from "react";

import { useSession } from "../../shared/session";

/** What only somebody who has signed in can use. Everybody else signs in first, and comes back. Nothing of it stays for the next. */
export function SignedIn({ children }: { children: ReactNode }) {
  const session = useSession();
  return session === null ? <ToSignIn /> : <Fragment key={session.email}>{children}</Fragment>;
}

function ToSignIn() {
  const router = useRouter();
  // Where it was needed, not where this leads.
  const [back] = useState(() => router.state.location.href);
  return <Navigate to="/sign-in" search={{ back }} replace />;
}
