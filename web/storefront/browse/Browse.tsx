import { getRouteApi, Link } from "@tanstack/react-router";
import { useDeferredValue, useEffect } from "react";
import { useQuery } from "urql";

import { Moment } from "../../shared/moment";
import { away, type Trouble, trouble } from "../../shared/trouble";
import { buttonClass, Notice, troubleText } from "../../shared/ui";
import { AwaitedCards } from "../goods/Awaited";
import { useAgain } from "../goods/again";
import { ProductCard } from "../goods/ProductCard";
import { BrowseDocument, type BrowseQuery } from "../gql/graphql";
import styles from "./Browse.module.css";
import type { BrowseSearch } from "./search";
import { goneOn, keepTrail, placeOf, readTrail } from "./trail";

const perPage = 24;

/** The shop's shelves: by category or search, a page at a time, as the address says. */
export function Browse() {
  const search = getRouteApi("/").useSearch();
  const { category, q, after } = search;
  const [{ data, error, fetching }, refetch] = useQuery({
    query: BrowseDocument,
    variables: { first: perPage, after: after ?? null, search: q ?? null, category: category ?? null },
    requestPolicy: "cache-and-network",
  });
  const went = trouble(error);
  useAgain(went, refetch);
  // A shelf is a lot to draw at once: whoever does something meanwhile does not wait for it.
  const page = useDeferredValue(data?.products);
  const title = heading(search);
  const coming = went === null && (fetching || page !== data?.products);
  const stale = page?.nodes.find((product) => product.stale);
  return (
    <>
      <title>{`${title} · Quadrille`}</title>
      <header className={styles.head}>
        <h1>{title}</h1>
        <p className={styles.count} role="status">
          {coming ? "Fetching the shelves…" : page ? count(page, search) : ""}
        </p>
      </header>
      {!page && went && <Away q={q} went={went} />}
      {stale && (
        <Notice tone="undo">
          <p>
            The catalog does not answer at the moment. These shelves are as they were <Moment at={stale.asOf} />.
          </p>
        </Notice>
      )}
      {page?.nodes.length === 0 && <Nothing search={search} />}
      <ul className={styles.shelf} aria-busy={coming} data-awaited={page ? undefined : ""}>
        {!page && coming && <AwaitedCards count={perPage} />}
        {page?.nodes.map((product) => (
          <li key={product.id}>
            <ProductCard product={product} away={away(error)} />
          </li>
        ))}
      </ul>
      {page && <Pages page={page} search={search} settled={!fetching && page === data?.products} />}
    </>
  );
}

function heading({ q, category }: BrowseSearch): string {
  if (q !== undefined) {
    return category === undefined ? `Results for “${q}”` : `Results for “${q}” in ${category}`;
  }
  return category ?? "Everything in the shop";
}

type Shelves = NonNullable<BrowseQuery["products"]>;

/** Which of how many are shown. */
function count({ nodes, totalCount }: Shelves, search: BrowseSearch): string {
  const things = totalCount === 1 ? "1 thing" : `${totalCount.toLocaleString("en-GB")} things`;
  const place = placeOf(readTrail(), search);
  return place === null || nodes.length === totalCount || nodes.length === 0
    ? things
    : `${place.start + 1} to ${place.start + nodes.length} of ${things}`;
}

/** The way to the pages before and after. */
function Pages({ page, search, settled }: { page: Shelves; search: BrowseSearch; settled: boolean }) {
  const { hasNextPage, endCursor } = page.pageInfo;
  const count = page.nodes.length;
  useEffect(() => {
    if (settled && hasNextPage && endCursor) {
      keepTrail(goneOn(readTrail(), search, count, endCursor));
    }
  }, [settled, hasNextPage, endCursor, count, search]);
  const { after, ...first } = search;
  const place = placeOf(readTrail(), search);
  if (after === undefined && !hasNextPage) {
    return null;
  }
  return (
    <nav className={styles.pages} aria-label="Pages">
      {after !== undefined && (
        <Link
          to="/"
          className={buttonClass}
          search={place?.before === undefined ? first : { ...first, after: place.before }}
          rel="prev"
        >
          {place === null ? "First page" : "Previous page"}
        </Link>
      )}
      {hasNextPage && endCursor && (
        <Link to="/" className={buttonClass} search={{ ...first, after: endCursor }} rel="next">
          Next page
        </Link>
      )}
    </nav>
  );
}

/** Where nothing is known of what was asked for. */
function Away({ q, went }: { q: string | undefined; went: Trouble }) {
  const what = q === undefined ? "The shelves cannot be shown at the moment" : "Searching is not possible at the moment";
  return (
    <Notice tone="undo">
      <p>{went.kind === "away" ? `${what}: the catalog does not answer. We try again every few seconds.` : troubleText(went)}</p>
      <p>
        Your <Link to="/cart">cart</Link> is kept
        {q === undefined ? "." : ", and you can look along the shelves meanwhile."}
      </p>
    </Notice>
  );
}

function Nothing({ search: { q, category } }: { search: BrowseSearch }) {
  return (
    <div className={styles.nothing}>
      <p>
        {q === undefined
          ? "There is nothing here at the moment."
          : "Nothing has these words in its name or description. Fewer words find more."}
      </p>
      <p>
        {q !== undefined && category !== undefined ? (
          <Link to="/" search={{ q }}>
            Search the whole shop
          </Link>
        ) : (
          <Link to="/">See everything in the shop</Link>
        )}
      </p>
    </div>
  );
}
