import { useQuery } from "urql";

import { away } from "../../shared/trouble";
import { AwaitedCards } from "../goods/Awaited";
import { ProductCard } from "../goods/ProductCard";
import { BrowseDocument } from "../gql/graphql";
import styles from "./Product.module.css";

const most = 4;

/** What stands beside a product on its shelf; nothing if that is not known. */
export function Beside({ category, sku }: { category: string; sku: string }) {
  const [{ data, error, fetching }] = useQuery({
    query: BrowseDocument,
    variables: { first: 24, after: null, search: null, category },
  });
  const shelf = data?.products?.nodes ?? [];
  const at = shelf.findIndex((product) => product.sku === sku);
  // Those that follow, and from the shelf's beginning when it ends.
  const others = [...shelf.slice(at + 1), ...shelf.slice(0, Math.max(at, 0))].slice(0, most);
  const coming = fetching && data === undefined;
  if (others.length === 0 && !coming) {
    return null;
  }
  return (
    <section className={styles.beside} aria-labelledby="beside">
      <h2 id="beside">Also in {category}</h2>
      <ul aria-busy={coming}>
        {coming && <AwaitedCards count={most} />}
        {others.map((product) => (
          <li key={product.id}>
            <ProductCard product={product} away={away(error)} under="h2" />
          </li>
        ))}
      </ul>
    </section>
  );
}
