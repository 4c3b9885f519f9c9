import { getRouteApi, Link } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useQuery, useSubscription } from "urql";

import { Moment } from "../../shared/moment";
import { money } from "../../shared/money";
import { useSession } from "../../shared/session";
import { away, type Trouble, trouble } from "../../shared/trouble";
import { Button, Field, Notice, troubleText } from "../../shared/ui";
import { count, most, withMore } from "../cart/cart";
import { changeCart, useCart } from "../cart/keep";
import { useAgain } from "../goods/again";
import { Drawing } from "../goods/Drawing";
import { PriceTag } from "../goods/PriceTag";
import { StockBadge } from "../goods/StockBadge";
import { isGone } from "../goods/stock";
import { ProductDocument, type ProductQuery, QuoteDocument, StockChangedDocument } from "../gql/graphql";
import { Awaited } from "./Awaited";
import { Beside } from "./Beside";
import styles from "./Product.module.css";

/** One product: what it is, what it costs, how many there are as of now, and the way into the cart. */
export function Product() {
  const { sku } = getRouteApi("/products/$sku").useParams();
  const [{ data, error, fetching }, refetch] = useQuery({
    query: ProductDocument,
    variables: { by: { sku } },
    requestPolicy: "cache-and-network",
  });
  const went = trouble(error);
  useAgain(went, refetch);
  const product = useDeferredValue(data?.product);
  const coming = went === null && (fetching || product !== data?.product);
  // The last product stands in for this one until it is there.
  if (product?.sku !== sku.trim().toUpperCase()) {
    return coming ? <Awaited sku={sku} /> : <Absent sku={sku} went={went} />;
  }
  return (
    <>
      <title>{`${product.name} · Quadrille`}</title>
      {product.stale && (
        <Notice tone="undo">
          <p>
            The catalog does not answer at the moment. This is what it said <Moment at={product.asOf} />.
          </p>
        </Notice>
      )}
      <div className={styles.page}>
        <div className={styles.drawing}>
          <Drawing name={product.name} category={product.category} imageUrl={product.imageUrl} />
        </div>
        <Details key={product.sku} product={product} away={away(error)} />
      </div>
      <Beside category={product.category} sku={product.sku} />
    </>
  );
}

type Shown = NonNullable<ProductQuery["product"]>;

function Details({ product, away }: { product: Shown; away: string[] }) {
  const [{ data }] = useSubscription({ query: StockChangedDocument, variables: { skus: [product.sku] } });
  const live = data?.stockChanged.availability;
  const availability = live && !(product.availability && product.availability.asOf > live.asOf) ? live : product.availability;
  const silent = away.includes("inventory");
  return (
    <div className={styles.details}>
      <p className={styles.category}>
        <Link to="/" search={{ category: product.category }}>
          {product.category}
        </Link>
      </p>
      <h1>{product.name}</h1>
      <p className={styles.description}>{product.description}</p>
      <p className={styles.price}>
        <PriceTag price={product.price} away={away.includes("pricing")} />
      </p>
      <YourPrice product={product} />
      <p role="status">{product.retired ? "No longer sold." : <StockBadge availability={availability} away={silent} />}</p>
      {!product.retired && <Add product={product} gone={isGone(availability, silent)} left={availability?.available} />}
      <p className={styles.sku}>
        <span>SKU</span> <code>{product.sku}</code>
      </p>
    </div>
  );
}

/** What one costs whoever has signed in, where that is not the list price. */
function YourPrice({ product }: { product: Shown }) {
  const signedIn = useSession() !== null;
  const [{ data }] = useQuery({
    query: QuoteDocument,
    variables: { input: { lines: [{ sku: product.sku, quantity: 1 }], promotionCodes: [] } },
    pause: !signedIn || product.retired || !product.price,
  });
  const yours = data?.quote?.lines[0]?.unitPrice;
  if (!signedIn || !yours || !product.price || yours.amount === product.price.amount) {
    return null;
  }
  return <p className={styles.yours}>{money(yours)} for you, as your account has it.</p>;
}

function Add({ product, gone, left }: { product: Shown; gone: boolean; left: number | undefined }) {
  const [quantity, setQuantity] = useState(1);
  const [added, setAdded] = useState(0);
  const inCart = count(useCart());
  return (
    <form
      className={styles.add}
      onSubmit={(event) => {
        event.preventDefault();
        changeCart((cart) => withMore(cart, product, quantity));
        setAdded(added + quantity);
      }}
    >
      <Field label="Quantity">
        <input
          type="number"
          inputMode="numeric"
          required
          min={1}
          max={most}
          value={Number.isNaN(quantity) ? "" : quantity}
          onChange={(event) => setQuantity(event.target.valueAsNumber)}
        />
      </Field>
      <Button type="submit" tone="main" disabled={gone}>
        {gone ? "Out of stock" : "Add to cart"}
      </Button>
      <p role="status" className={styles.added}>
        {!gone && left !== undefined && left > 0 && quantity > left && `There are only ${left} at the moment. `}
        {added > 0 && (
          <>
            {added} added. There {inCart === 1 ? "is 1 thing" : `are ${inCart} things`} in your <Link to="/cart">cart</Link>.
          </>
        )}
      </p>
    </form>
  );
}

function Absent({ sku, went }: { sku: string; went: Trouble | null }) {
  const title = went === null ? "There is no such product" : sku;
  return (
    <>
      <title>{`${title} · Quadrille`}</title>
      <h1>{title}</h1>
      {went === null ? (
        <p>Nothing with the number {sku} was ever sold here.</p>
      ) : (
        <Notice tone="undo">
          <p>
            {went.kind === "away"
              ? "This product cannot be shown at the moment: the catalog does not answer. We try again every few seconds."
              : troubleText(went)}
          </p>
        </Notice>
      )}
      <p>
        <Link to="/">See everything in the shop</Link>
      </p>
    </>
  );
}
