import { type ErrorComponentProps, Link, Outlet, useRouter } from "@tanstack/react-router";
import { type RefObject, useEffect, useRef, useState } from "react";

import { Button, Notice, SkipLink } from "../../shared/ui";
import { count } from "../cart/cart";
import { useCart } from "../cart/keep";
import { AccountMenu } from "./AccountMenu";
import { Categories } from "./Categories";
import { Search } from "./Search";
import styles from "./Shell.module.css";

/** What is on every page. */
export function Shell() {
  const main = useArrival();
  const things = count(useCart());
  return (
    <div className={styles.page}>
      <SkipLink />
      <header className={styles.head}>
        <Link to="/" className={styles.brand} activeOptions={{ exact: true }}>
          <Mark />
          Quadrille
        </Link>
        <Search />
        <div className={styles.yours}>
          <AccountMenu />
          <Link to="/cart" className={styles.cart}>
            Cart
            <span className={styles.count}>
              {things}
              <span className={styles.unseen}>{things === 1 ? " thing" : " things"}</span>
            </span>
          </Link>
        </div>
      </header>
      <Categories />
      <Title />
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
      <footer className={styles.foot}>
        <p>Quadrille: a shop whose every order you can watch, from here to your door.</p>
        <nav aria-label="Behind the shop">
          <a href="/console">For operators</a>
          <a href="/playground">For developers</a>
        </nav>
      </footer>
    </div>
  );
}

/** Four dancers. */
function Mark() {
  return (
    <svg className={styles.mark} viewBox="0 0 24 24" aria-hidden="true">
      {[7, 17].flatMap((x) => [7, 17].map((y) => <circle key={`${x} ${y}`} cx={x} cy={y} r="4" />))}
    </svg>
  );
}

/** Whoever comes to another page begins where it begins, as after a page load, also with a keyboard or a screen reader. */
function useArrival(): RefObject<HTMLElement | null> {
  const router = useRouter();
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    let left: Element | null = null;
    const leave = router.subscribe("onBeforeNavigate", () => {
      left = document.activeElement;
    });
    const arrive = router.subscribe("onRendered", ({ fromLocation, hrefChanged }) => {
      const at = document.activeElement;
      // Who has begun to do something on the page already is not disturbed.
      if (fromLocation !== undefined && hrefChanged && (at === left || at === document.body)) {
        main.current?.focus({ preventScroll: true });
      }
    });
    return () => {
      leave();
      arrive();
    };
  }, [router]);
  return main;
}

/** Reads out what each page is called, once it has a name. */
function Title() {
  const [title, setTitle] = useState("");
  useEffect(() => {
    const named = new MutationObserver(() => setTitle(document.title));
    named.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => named.disconnect();
  }, []);
  return (
    <p className={styles.unseen} role="status">
      {title}
    </p>
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
      <title>Something went wrong · Quadrille</title>
      <h1>This page has failed</h1>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <Button onClick={reset}>Try again</Button>
    </Notice>
  );
}
