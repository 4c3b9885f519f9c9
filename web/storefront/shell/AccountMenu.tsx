import { Link, useNavigate, useRouterState } from "@tanstack/react-router";
import { useRef } from "react";

import { keepSession, useSession } from "../../shared/session";
import styles from "./AccountMenu.module.css";

/** Who has signed in, and what is theirs; the way to sign in for everybody else. */
export function AccountMenu() {
  const session = useSession();
  const navigate = useNavigate();
  const back = useRouterState({ select: ({ location }) => location });
  const menu = useRef<HTMLDivElement>(null);
  if (session === null) {
    const away = back.pathname === "/sign-in" || back.pathname === "/register";
    return (
      <Link to="/sign-in" search={away ? back.search : { back: back.href }} className={styles.open}>
        Sign in
      </Link>
    );
  }
  const [first, ...others] = session.name.split(" ");
  const close = () => menu.current?.hidePopover();
  return (
    <>
      <button type="button" className={styles.open} popoverTarget="account-menu">
        <span className={styles.name}>
          {first}
          {others.length > 0 && <span className={styles.others}> {others.join(" ")}</span>}
        </span>
        <span aria-hidden="true">▾</span>
      </button>
      <div id="account-menu" popover="auto" ref={menu} className={styles.menu}>
        <p className={styles.who}>{session.email}</p>
        <ul>
          <li>
            <Link to="/orders" onClick={close}>
              Your orders
            </Link>
          </li>
          <li>
            <Link to="/account" onClick={close}>
              Your account
            </Link>
          </li>
          {session.roles.includes("OPERATOR") && (
            <li>
              <a href="/console">Operator console</a>
            </li>
          )}
          <li>
            <button
              type="button"
              onClick={() => {
                close();
                keepSession(null);
                void navigate({ to: "/" });
              }}
            >
              Sign out
            </button>
          </li>
        </ul>
      </div>
    </>
  );
}
