import { getRouteApi, Link, useRouter } from "@tanstack/react-router";

import { SignInForm } from "../../shared/SignInForm";
import styles from "./Account.module.css";
import { within } from "./back";

/** Signs in, and goes back to where that was needed. */
export function SignIn() {
  const { back } = getRouteApi("/sign-in").useSearch();
  const router = useRouter();
  return (
    <div className={styles.narrow}>
      <title>Sign in · Quadrille</title>
      <h1>Sign in</h1>
      <SignInForm onDone={() => router.history.replace(within(back))} />
      <p>
        New here?{" "}
        <Link to="/register" search={back === undefined ? {} : { back }}>
          Make an account
        </Link>
      </p>
    </div>
  );
}
