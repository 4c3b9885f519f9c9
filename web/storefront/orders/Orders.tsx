import { getRouteApi, Link } from "@tanstack/react-router";
import { useQuery } from "urql";

import { money } from "../../shared/money";
import { trouble } from "../../shared/trouble";
import { Badge, buttonClass, Notice, type Tone, troubleText } from "../../shared/ui";
import { SignedIn } from "../account/SignedIn";
import { OrdersDocument, type OrdersQuery } from "../gql/graphql";
import { clock, dayOf } from "./clock";
import styles from "./Orders.module.css";

const perPage = 10;

/** What one has ordered, the latest first, a page at a time, as the address says. */
export function Orders() {
  return (
    <SignedIn>
      <title>Your orders · Quadrille</title>
      <h1>Your orders</h1>
      <Page />
    </SignedIn>
  );
}

function Page() {
  const { after } = getRouteApi("/orders").useSearch();
  const [{ data, error, fetching }] = useQuery({
    query: OrdersDocument,
    variables: { first: perPage, after: after ?? null },
    requestPolicy: "cache-and-network",
  });
  const went = trouble(error);
  const page = data?.viewer?.customer?.orders;
  if (!page) {
    return (
      <>
        {went !== null && (
          <Notice tone="undo">
            <p>
              {went.kind === "away"
                ? "Your orders cannot be listed at the moment. Try again in a minute; nothing is lost."
                : troubleText(went)}
              {went.kind === "signed out" && (
                <>
                  {" "}
                  <Link to="/sign-in" search={{ back: "/orders" }}>
                    Sign in
                  </Link>
                </>
              )}
            </p>
          </Notice>
        )}
        {fetching && <p role="status">Fetching your orders…</p>}
        {!fetching && went === null && <p>This account is not a customer's, so it has no orders.</p>}
      </>
    );
  }
  if (page.totalCount === 0) {
    return (
      <>
        <p>You have not ordered anything yet.</p>
        <p>
          <Link to="/" className={buttonClass}>
            Look around
          </Link>
        </p>
      </>
    );
  }
  return (
    <>
      {went?.kind === "away" && (
        <Notice tone="undo">
          <p>Some of this may be out of date or missing. {troubleText(went)}</p>
        </Notice>
      )}
      <ul className={styles.orders} aria-label="Orders">
        {page.nodes.map((order) => (
          <Entry key={order.id} order={order} />
        ))}
      </ul>
      <nav className={styles.pages} aria-label="Pages">
        <span className={styles.soft}>{page.totalCount === 1 ? "1 order" : `${page.totalCount} orders`}</span>
        {after !== undefined && (
          <Link to="/orders" className={buttonClass}>
            Latest orders
          </Link>
        )}
        {page.pageInfo.hasNextPage && page.pageInfo.endCursor && (
          <Link to="/orders" search={{ after: page.pageInfo.endCursor }} className={buttonClass}>
            Older orders
          </Link>
        )}
      </nav>
    </>
  );
}

type Listed = NonNullable<NonNullable<NonNullable<OrdersQuery["viewer"]>["customer"]>["orders"]>["nodes"][number];

const shown = 3;

function Entry({ order }: { order: Listed }) {
  const { tone, words } = status(order);
  const more = order.lines.length - shown;
  return (
    <li className={styles.order}>
      <div className={styles.row}>
        <h2 className={styles.number}>
          <Link to="/orders/$id" params={{ id: order.id }}>
            {order.number}
          </Link>
        </h2>
        <Badge tone={tone}>{words}</Badge>
        <span className={styles.total}>{money(order.total)}</span>
      </div>
      <p>
        {order.lines.slice(0, shown).map(({ sku, quantity, product }, i) => (
          <span key={sku}>
            {i > 0 && ", "}
            {quantity > 1 && `${quantity} × `}
            {product?.name ?? sku}
          </span>
        ))}
        {more > 0 && ` and ${more} more`}
      </p>
      <p className={styles.soft}>
        <time dateTime={order.placedAt}>
          {dayOf(order.placedAt)}, {clock(order.placedAt)}
        </time>
      </p>
    </li>
  );
}

/** How an order stands, in a word or two. */
function status({ status, cancellation, shipment }: Listed): { tone: Tone; words: string } {
  switch (status) {
    case "PLACED":
      return { tone: "main", words: "Under way" };
    case "CANCELLED":
      return cancellation?.settled === false
        ? { tone: "undo", words: "Being cancelled" }
        : { tone: "undo", words: cancelled(cancellation?.reason) };
    case "FULFILLED":
      switch (shipment?.status) {
        case "DELIVERED":
          return { tone: "good", words: "Delivered" };
        case "DISPATCHED":
          return { tone: "good", words: "On its way" };
        default:
          return { tone: "good", words: "Confirmed" };
      }
  }
}

function cancelled(reason: NonNullable<Listed["cancellation"]>["reason"] | undefined): string {
  switch (reason) {
    case "OUT_OF_STOCK":
      return "Cancelled: out of stock";
    case "PAYMENT_DECLINED":
      return "Cancelled: card declined";
    case "SHIPMENT_FAILED":
      return "Cancelled: can't be delivered";
    case "TIMED_OUT":
      return "Cancelled: not ready in time";
    case "CUSTOMER_REQUEST":
      return "Cancelled by you";
    case "OPERATOR_REQUEST":
      return "Cancelled by the shop";
    default:
      return "Cancelled";
  }
}
