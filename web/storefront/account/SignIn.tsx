import { getRouteApi, useRouter } from "@tanstack/react-router";

import { SignInForm } from "../../shared/SignInForm";

/** Signs in, and goes back to where that was needed. */
export function SignIn() {
  const { back = "/" } = getRouteApi("/sign-in").useSearch();
  const router = useRouter();
  return (
    <>
      <title>Sign in · Quadrille</title>
      <h1>Sign in</h1>
      {/* Only within this site: an address that someone sent must not lead elsewhere. */}
      <SignInForm onDone={() => router.history.replace(/^\/(?![/\\])/.test(back) ? back : "/")} />
    </>
  );
}
