import type { ReactNode } from "react";

import styles from "./Checkout.module.css";

/** What is only so because nothing is really paid or sent. */
export function Sandbox({ children }: { children: ReactNode }) {
  return (
    <p className={styles.sandbox}>
      <strong>Sandbox.</strong> {children}
    </p>
  );
}
