import { type ErrorComponentProps, Link, type LinkProps, Outlet } from "@tanstack/react-router";

import { useNow } from "../../shared/moment";
import { SignInForm } from "../../shared/SignInForm";
import { keepSession, type Session, useSession } from "../../shared/session";
import { Button, Notice, SkipLink, unseenClass } from "../../shared/ui";
import { DialogHost } from "../dialog/DialogHost";
import { AttentionDocument } from "../gql/graphql";
import { usePolled } from "../live/polled";
import styles from "./Shell.module.css";
import { ThemeSwitch } from "./ThemeSwitch";

/** What is on every page. Nobody but operators gets further than this. */
export function Shell() {
  // A session ends by the clock: once in a while is soon enough to see it.
  useNow(10_000);
  const session = useSession();
  const operator = session?.roles.includes("OPERATOR") ?? false;
  return (
    <div className={styles.page} data-operator={operator || undefined}>
      <SkipLink />
      <header className={styles.head}>
        <Link to="/" className={styles.brand}>
          <span className={styles.mark} aria-hidden="true" />
          <span>
            Quadrille <span className={styles.room}>console</span>
          </span>
        </Link>
        {operator && <Navigation />}
        <div className={styles.foot}>
          <ThemeSwitch />
          {session !== null && <Who session={session} />}
        </div>
      </header>
      <main id="main" tabIndex={-1} className={styles.main}>
        {operator ? (
          <DialogHost>
            <Outlet />
          </DialogHost>
        ) : (
          <div className={styles.door}>
            <title>Sign in · Quadrille console</title>
            <h1>Sign in as an operator</h1>
            {session !== null && <Notice tone="undo">{session.email} is no operator.</Notice>}
            <SignInForm onDone={() => undefined} />
          </div>
        )}
      </main>
    </div>
  );
}

function Who({ session }: { session: Session }) {
  return (
    <div className={styles.who}>
      <span>
        <span className={styles.soft}>Signed in as</span> {session.email}
      </span>
      <button type="button" className={styles.out} onClick={() => keepSession(null)}>
        Sign out
      </button>
    </div>
  );
}

/** Where one can go, and how much waits there for an operator. */
function Navigation() {
  const { data } = usePolled(AttentionDocument, {}, 5000);
  return (
    <nav aria-label="Console" className={styles.nav}>
      <Place to="/">Overview</Place>
      <Place to="/sagas" count={data?.sagas?.totalCount} of="need attention">
        Sagas
      </Place>
      <Place to="/parked" count={data?.parkedMessages?.totalCount} of="parked">
        Parked messages
      </Place>
      <Place to="/audit">Audit log</Place>
      <Place to="/choreography">Choreography</Place>
    </nav>
  );
}

function Place({
  to,
  count = 0,
  of,
  children,
}: {
  to: LinkProps["to"];
  count?: number | undefined;
  of?: string;
  children: string;
}) {
  return (
    <Link to={to} className={styles.place} activeOptions={{ exact: to === "/", includeSearch: false }}>
      {children}
      {count > 0 && (
        <span className={styles.count}>
          {count}
          <span className={unseenClass}> {of}</span>
        </span>
      )}
    </Link>
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
