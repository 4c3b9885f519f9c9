import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useMutation, useQuery } from "urql";

import { intent, settle } from "../../shared/intent";
import { money } from "../../shared/money";
import { trouble } from "../../shared/trouble";
import { Button, Field, Notice, troubleText } from "../../shared/ui";
import { SignedIn } from "../account/SignedIn";
import { RequestReturnDocument, ReturnableDocument, type ReturnableQuery } from "../gql/graphql";
import styles from "./ReturnPage.module.css";
import { refusals, returnable } from "./returnable";

/** Sends something of an order back. */
export function ReturnPage() {
  const { id } = getRouteApi("/orders/$id/return").useParams();
  return (
    <SignedIn>
      <title>Send something back · Quadrille</title>
      <header className={styles.head}>
        <Link to="/orders/$id" params={{ id }} className={styles.up}>
          Your order
        </Link>
        <h1>Send something back</h1>
      </header>
      <Order key={id} id={id} />
    </SignedIn>
  );
}

function Order({ id }: { id: string }) {
  const [{ data, error, fetching }, again] = useQuery({
    query: ReturnableDocument,
    variables: { id },
    requestPolicy: "network-only",
  });
  const order = data?.order;
  const went = trouble(error);
  if (!order) {
    return (
      <>
        {fetching && <p role="status">Fetching your order…</p>}
        {!fetching && (
          <Notice tone="undo">
            <p>
              {went === null || went.kind === "forbidden"
                ? "There is no such order here, or it was placed with another account."
                : went.kind === "away"
                  ? "Your order cannot be shown at the moment, so nothing can be sent back just now. Try again in a minute."
                  : troubleText(went)}
            </p>
            {went !== null && went.kind !== "forbidden" && (
              <p>
                <Button onClick={() => again({ requestPolicy: "network-only" })}>Try again</Button>
              </p>
            )}
          </Notice>
        )}
      </>
    );
  }
  if (order.status !== "FULFILLED") {
    return (
      <p>
        {order.status === "CANCELLED"
          ? "This order was cancelled, so there is nothing to send back."
          : "This order is not confirmed yet, so there is nothing to send back. You can still cancel it."}
      </p>
    );
  }
  if (order.lines.every((line) => returnable(order, line) === 0)) {
    return <p>Everything of this order is on its way back already.</p>;
  }
  return <ReturnForm order={order} />;
}

function ReturnForm({ order }: { order: NonNullable<ReturnableQuery["order"]> }) {
  const navigate = useNavigate();
  const [{ fetching }, request] = useMutation(RequestReturnDocument);
  const [chosen, setChosen] = useState<Record<string, string>>(() => only(order));
  const [reason, setReason] = useState("");
  // By SKU; what is wrong with the whole of it is under "".
  const [wrong, setWrong] = useState(new Map<string, string>());
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (wrong.size > 0) {
      (form.current?.querySelector<HTMLElement>("[aria-invalid]") ?? form.current)?.focus();
    }
  }, [wrong]);

  async function send() {
    const lines = order.lines
      .map(({ sku }) => ({ sku, quantity: Number(chosen[sku] ?? 0) }))
      .filter(({ quantity }) => quantity > 0);
    if (lines.length === 0) {
      setWrong(new Map([["", "Say how many of something you send back."]]));
      return;
    }
    const what = `return ${order.id} ${JSON.stringify(lines)} ${reason}`;
    const { data, error } = await request({ input: { orderId: order.id, lines, reason, idempotencyKey: intent(what) } });
    const answer = data?.requestReturn;
    const went = trouble(error);
    if (answer?.return) {
      settle(what);
      await navigate({ to: "/orders/$id", params: { id: order.id }, hash: "returns" });
    } else if (answer && answer.userErrors.length > 0) {
      settle(what);
      setWrong(refusals(answer.userErrors, lines));
    } else if (went === null || went.kind === "offline" || went.kind === "away") {
      setWrong(
        new Map([["", "There was no answer, so we do not know yet whether this has arrived. Send it again: it counts once."]]),
      );
    } else {
      setWrong(new Map([["", troubleText(went)]]));
    }
  }

  const general = wrong.get("");
  return (
    <form
      ref={form}
      tabIndex={-1}
      className={styles.form}
      aria-label={`Return of ${order.number}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!fetching) {
          void send();
        }
      }}
    >
      {general !== undefined && (
        <Notice tone="bad">
          <p>{general}</p>
        </Notice>
      )}
      <fieldset className={styles.lines}>
        <legend>How many of each?</legend>
        {order.lines.map((line) => {
          const most = returnable(order, line);
          const name = line.product?.name ?? line.sku;
          return (
            <div key={line.sku} className={styles.line}>
              <Field
                label={name}
                hint={`${money(line.unitPrice)} each. ${wrong.has(line.sku) ? "" : most === 0 ? "None of it can go back any more." : `Up to ${most}.`}`}
                wrong={wrong.get(line.sku)}
              >
                <input
                  type="number"
                  inputMode="numeric"
                  min={0}
                  max={most}
                  step={1}
                  required
                  disabled={most === 0}
                  value={most === 0 ? "0" : (chosen[line.sku] ?? "0")}
                  onChange={(event) => setChosen({ ...chosen, [line.sku]: event.target.value })}
                />
              </Field>
            </div>
          );
        })}
      </fieldset>
      <Field label="Why? You need not say." hint="At most 500 characters.">
        <textarea rows={3} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
      <p className={styles.soft}>
        The carrier collects it, and you get back what you paid for it
        {Number(order.discount.amount) > 0 && ", less its share of your promotion"}.
      </p>
      <div className={styles.actions}>
        <Button type="submit" tone="main" busy={fetching}>
          {fetching ? "Sending…" : "Request the return"}
        </Button>
      </div>
    </form>
  );
}

/** What is chosen at first: if there is but one thing, that one. */
function only(order: NonNullable<ReturnableQuery["order"]>): Record<string, string> {
  const [line, ...more] = order.lines.filter((line) => returnable(order, line) > 0);
  return line && more.length === 0 && returnable(order, line) === 1 ? { [line.sku]: "1" } : {};
}
