import { useRouter } from "@tanstack/react-router";
import { Fragment, type ReactNode, useEffect } from "react";

import { useSession } from "../../shared/session";

/** A page for who has signed in. Others sign in first, and then come back. Nothing of it stays for the next. */
export function SignedIn({ children }: { children: ReactNode }) {
  const session = useSession();
  const router = useRouter();
  const nobody = session === null;
  useEffect(() => {
    if (nobody) {
      void router.navigate({ to: "/sign-in", search: { back: router.history.location.href }, replace: true });
    }
  }, [nobody, router]);
  return nobody ? <p role="status">You have to sign in first…</p> : <Fragment key={session.email}>{children}</Fragment>;
}
