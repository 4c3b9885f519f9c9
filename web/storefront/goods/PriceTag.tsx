import { Moment } from "../../shared/moment";
import { type Money, money } from "../../shared/money";
import styles from "./PriceTag.module.css";

/** What one of a product costs; where pricing does not answer, what it last said and when. */
export function PriceTag({
  price,
  away,
}: {
  price: (Money & { stale: boolean; asOf: string }) | null | undefined;
  away: boolean;
}) {
  if (!price) {
    return <span className={styles.note}>{away ? "Price not known at the moment" : "No price yet"}</span>;
  }
  return (
    <span>
      <span className={styles.price}>{money(price)}</span>
      {price.stale && (
        <span className={styles.note}>
          {" "}
          price from <Moment at={price.asOf} />
        </span>
      )}
    </span>
  );
}
