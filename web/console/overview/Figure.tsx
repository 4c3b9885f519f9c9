import type { ReactNode } from "react";

import styles from "./Figure.module.css";

/** One number that says how things are, and what it is of. */
export function Figure({
  name,
  tone = "plain",
  value,
  children,
}: {
  name: string;
  tone?: "plain" | "good" | "bad";
  value: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className={styles.figure} data-tone={tone}>
      <dt>{name}</dt>
      <dd className={styles.value}>{value}</dd>
      {children && <dd className={styles.note}>{children}</dd>}
    </div>
  );
}

/** Several of them, side by side. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className={styles.figures}>{children}</dl>;
}
