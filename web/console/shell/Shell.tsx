import { type ErrorComponentProps, Link, Outlet } from "@tanstack/react-router";

import { SignInForm } from "../../shared/SignInForm";
import { keepSession, useSession } from "../../shared/session";
import { Button, Notice, SkipLink } from "../../shared/ui";
import styles from "./Shell.module.css";

/** What is on every page. Nobody but operators gets further than this. */
export function Shell() {
  const session = useSession();
  const operator = session?.roles.includes("OPERATOR") ?? false;
  return (
    <div className={styles.page}>
      <SkipLink />
      <header className={styles.head}>
        <Link to="/" className={styles.brand}>
          Quadrille console
        </Link>
        {session !== null && (
          <div className={styles.who}>
            <span>{session.email}</span>
            <Button onClick={() => keepSession(null)}>Sign out</Button>
          </div>
        )}
      </header>
      <main id="main" tabIndex={-1} className={styles.main}>
        {operator ? (
          <Outlet />
        ) : (
          <>
            <h1>Sign in as an operator</h1>
            {session !== null && <Notice tone="undo">{session.email} is no operator.</Notice>}
            <SignInForm onDone={() => undefined} />
          </>
        )}
      </main>
    </div>
  );
}

/** Where there is no page. */
export function Missing() {
  return (
    <>
      <title>Not found · Quadrille console</title>
      <h1>There is no such page</h1>
      <p>
        <Link to="/">To the overview</Link>
      </p>
    </>
  );
}

/** Where a page has failed: the rest of the console goes on. */
export function Failed({ error, reset }: ErrorComponentProps) {
  return (
    <Notice tone="bad">
      <h1>This page has failed</h1>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <Button onClick={reset}>Try again</Button>
    </Notice>
  );
}
