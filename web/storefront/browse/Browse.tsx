import { getRouteApi, Link } from "@tanstack/react-router";
import { useQuery } from "urql";

import { money } from "../../shared/money";
import { trouble } from "../../shared/trouble";
import { Notice, troubleText } from "../../shared/ui";
import { BrowseDocument } from "../gql/graphql";
import styles from "./Browse.module.css";

const perPage = 24;

/** The shop's shelves: by category or search, a page at a time, as the address says. */
export function Browse() {
  const { category, q, after } = getRouteApi("/").useSearch();
  const [{ data, error, fetching }] = useQuery({
    query: BrowseDocument,
    variables: { first: perPage, after: after ?? null, search: q ?? null, category: category ?? null },
  });
  const went = trouble(error);
  const page = data?.products;
  return (
    <>
      <title>{`${category ?? "Everything"} · Quadrille`}</title>
      <h1>{category ?? "Everything"}</h1>
      {went !== null && <Notice tone="undo">{troubleText(went)}</Notice>}
      {fetching && <p role="status">Fetching the shelves…</p>}
      <ul className={styles.shelf}>
        {page?.nodes.map((product) => (
          <li key={product.id}>
            {product.name} {product.price && money(product.price)}
          </li>
        ))}
      </ul>
      {page?.pageInfo.hasNextPage && (
        <Link to="/" search={{ category, q, after: page.pageInfo.endCursor ?? undefined }}>
          Next page
        </Link>
      )}
    </>
  );
}
