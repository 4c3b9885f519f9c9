import styles from "./FactName.module.css";

/** The name of a kind of fact, of which the context is said more quietly. It breaks at its dots. */
export function FactName({ type }: { type: string }) {
  const [context, ...rest] = type.split(".");
  return (
    <span className={styles.name}>
      <span className={styles.context}>{context}.</span>
      <wbr />
      {rest.join(".")}
    </span>
  );
}
