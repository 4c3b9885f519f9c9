import { AwaitedCards, AwaitedDrawing, AwaitedWords } from "../goods/Awaited";
import styles from "./Product.module.css";

/** The page of a product that is being fetched: everything has its place already. */
export function Awaited({ sku }: { sku: string }) {
  return (
    <>
      <title>One moment · Quadrille</title>
      <div className={styles.page}>
        <AwaitedDrawing />
        <div className={styles.details}>
          <p className={styles.category} aria-hidden="true">
            <AwaitedWords about={8} />
          </p>
          <h1>One moment</h1>
          <p className={styles.description} role="status">
            Fetching {sku}…
          </p>
          <p className={styles.price} aria-hidden="true">
            <AwaitedWords about={6} />
          </p>
          <p aria-hidden="true">
            <AwaitedWords about={9} />
          </p>
          <div className={styles.awaitedAdd} aria-hidden="true" />
          <p className={styles.sku}>
            <span>SKU</span> <code>{sku}</code>
          </p>
        </div>
      </div>
      <section className={styles.beside} aria-hidden="true">
        <p className={styles.awaitedHeading}>
          <AwaitedWords about={14} />
        </p>
        <ul>
          <AwaitedCards count={4} />
        </ul>
      </section>
    </>
  );
}
