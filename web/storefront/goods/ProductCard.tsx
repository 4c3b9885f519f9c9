import { Link } from "@tanstack/react-router";

import { Drawing } from "./Drawing";
import { PriceTag } from "./PriceTag";
import styles from "./ProductCard.module.css";
import { StockBadge } from "./StockBadge";
import type { Availability } from "./stock";

/** What a shelf shows of a product. */
export type Shelved = {
  sku: string;
  name: string;
  category: string;
  imageUrl?: string | null;
  price?: { amount: string; currencyCode: string; stale: boolean; asOf: string } | null;
  availability?: Availability | null;
};

/**
 * A product on a shelf. All of it leads to the product's page. `away` are the contexts that do not answer; `under` is the heading under
 * which the shelf stands.
 */
export function ProductCard({ product, away, under = "h1" }: { product: Shelved; away: string[]; under?: "h1" | "h2" }) {
  const Heading = under === "h1" ? "h2" : "h3";
  const { sku, name, category, imageUrl, price, availability } = product;
  return (
    <article className={styles.card}>
      <Drawing name={name} category={category} imageUrl={imageUrl} />
      <Heading className={styles.name}>
        <Link to="/products/$sku" params={{ sku }}>
          {name}
        </Link>
      </Heading>
      <p className={styles.terms}>
        <PriceTag price={price} away={away.includes("pricing")} />
        <StockBadge availability={availability} away={away.includes("inventory")} />
      </p>
    </article>
  );
}
