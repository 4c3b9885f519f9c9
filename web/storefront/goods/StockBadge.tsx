import { useNow } from "../../shared/moment";
import { Badge } from "../../shared/ui";
import styles from "./StockBadge.module.css";
import { type Availability, stock } from "./stock";

/** How much there is of a product. */
export function StockBadge({ availability, away }: { availability: Availability | null | undefined; away: boolean }) {
  const { tone, text } = stock(availability, away, useNow(10_000));
  return (
    <span className={styles.stock}>
      <Badge tone={tone}>{text}</Badge>
    </span>
  );
}
