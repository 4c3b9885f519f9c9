import { type ErrorComponentProps, Link, Outlet } from "@tanstack/react-router";

import { keepSession, useSession } from "../../shared/session";
import { Button, Notice, SkipLink } from "../../shared/ui";
import styles from "./Shell.module.css";

/** What is on every page. */
export function Shell() {
  const session = useSession();
  return (
    <div className={styles.page}>
      <SkipLink />
      <header className={styles.head}>
        <Link to="/" className={styles.brand}>
          Quadrille
        </Link>
        <nav className={styles.nav} aria-label="Account">
          {session === null ? (
            <Link to="/sign-in">Sign in</Link>
          ) : (
            <>
              <span>{session.name}</span>
              <Button onClick={() => keepSession(null)}>Sign out</Button>
            </>
          )}
        </nav>
      </header>
      <main id="main" tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
    </div>
  );
}

/** Where there is no page. */
export function Missing() {
  return (
    <>
      <title>Not found · Quadrille</title>
      <h1>There is no such page</h1>
      <p>
        <Link to="/">Back to the shop</Link>
      </p>
    </>
  );
}

/** Where a page has failed: the rest of the shop goes on. */
export function Failed({ error, reset }: ErrorComponentProps) {
  return (
    <Notice tone="bad">
      <h1>This page has failed</h1>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <Button onClick={reset}>Try again</Button>
    </Notice>
  );
}
