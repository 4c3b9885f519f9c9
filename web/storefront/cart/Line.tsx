import { Link } from "@tanstack/react-router";

import { Button } from "../../shared/ui";
import { Drawing } from "../goods/Drawing";
import { StockBadge } from "../goods/StockBadge";
import type { Availability } from "../goods/stock";
import styles from "./Cart.module.css";
import { type CartLine, withQuantity } from "./cart";
import { changeCart } from "./keep";
import type { LineProblem } from "./problems";
import { Quantity } from "./Quantity";

/** What the shop says of a product in the cart. */
type Sold = { name: string; category: string; imageUrl?: string | null; retired: boolean; availability?: Availability | null };

/** One product in the cart: how many, what they cost, and what is wrong with them. */
export function Line({
  line,
  product,
  away,
  total,
  problem,
  onRemove,
}: {
  line: CartLine;
  product: Sold | undefined;
  /** The contexts that do not answer; null while it is not known. */
  away: string[] | null;
  /** What the line costs; null while that is not known. */
  total: string | null;
  problem: LineProblem | undefined;
  onRemove: () => void;
}) {
  const { name, category } = product ?? line;
  const left = product?.availability?.stale === false ? product.availability.available : null;
  const short = left !== null && left > 0 && left < line.quantity ? `There are only ${left} at the moment.` : undefined;
  const change = (quantity: number) => changeCart((cart) => withQuantity(cart, line.sku, quantity));
  const take = problem?.take ?? (short === undefined ? null : left);
  return (
    <li className={styles.line}>
      <Drawing name={name} category={category} imageUrl={product?.imageUrl} />
      <div className={styles.what}>
        <h2>
          <Link to="/products/$sku" params={{ sku: line.sku }}>
            {name}
          </Link>
        </h2>
        {product?.retired !== true && away !== null && (
          <StockBadge availability={product?.availability} away={away.includes("inventory")} />
        )}
      </div>
      <div className={styles.many}>
        <Quantity
          of={name}
          quantity={line.quantity}
          wrong={problem?.text ?? (product?.retired ? "This is not sold any more." : short)}
          onChange={change}
        />
        {take !== null && <Button onClick={() => change(take)}>Take {take}</Button>}
        <Button onClick={onRemove} aria-label={`Remove ${name}`}>
          Remove
        </Button>
      </div>
      <p className={styles.price}>{total}</p>
    </li>
  );
}
