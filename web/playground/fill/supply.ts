import { ask, type Headers } from "../ask";
import { AwaitOrderDocument, OrderToReturnDocument, PlaceOrderToTryDocument, ProductsToOrderDocument } from "../gql/graphql";
import { claims } from "../identity/token";
import { watch } from "../saga/watched";
import { address } from "../tour/steps";
import { inStock, type Placed } from "./memory";
import { remembered } from "./remember";

/** What tabs can have filled in beside the token, by name, and what it is. */
export const supplied = {
  key: "a new UUID for every run",
  sku: "the first product in stock that Products answered",
  order: "the order that you placed last",
  freshOrder: "an order that is placed right before, with a card that takes ten seconds",
  fulfilledOrder: "an order of yours that is fulfilled; one is placed if there is none",
  fulfilledSku: "what was bought with it",
} as const;

/** Finds what there is to fill in for names, asking with these headers for what nobody has told yet; throws when it cannot be had. */
export async function supply(names: string[], headers: Headers): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  if (names.includes("key")) {
    values.key = crypto.randomUUID();
  }
  if (names.includes("sku")) {
    values.sku = await sku(headers);
  }
  if (names.includes("order")) {
    values.order = (mine(headers) ?? (await place("pm_card_visa", headers))).id;
  }
  if (names.includes("freshOrder")) {
    values.freshOrder = (await place("pm_card_flaky", headers)).id;
  }
  if (names.includes("fulfilledOrder") || names.includes("fulfilledSku")) {
    const order = await fulfilled(headers);
    values.fulfilledOrder = order.id;
    values.fulfilledSku = order.sku;
  }
  return values;
}

/** The order that was placed last, if whoever asks may see it. */
function mine(headers: Headers): Placed | null {
  const { order } = remembered();
  const who = claims(authorization(headers));
  return order !== null && who !== null && (who.operator || who.sub === order.by) ? order : null;
}

/** What a request's headers say of who asks. */
export function authorization(headers: Headers): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === "authorization")?.[1];
}

async function sku(headers: Headers): Promise<string> {
  const known = remembered().sku;
  if (known !== null) {
    return known;
  }
  const { products } = await ask(ProductsToOrderDocument, {}, headers);
  const found = inStock(products?.edges ?? []);
  if (found === null) {
    throw new Error("{{sku}}: there is no product in stock. Write a SKU of your own.");
  }
  return found;
}

async function place(token: string, headers: Headers): Promise<Placed> {
  const who = claims(authorization(headers));
  if (who === null) {
    throw new Error("This tab needs an order, and nobody has signed in to place one. Choose Ada or Grace at the top.");
  }
  const of = await sku(headers);
  const { placeOrder } = await ask(
    PlaceOrderToTryDocument,
    {
      input: {
        idempotencyKey: crypto.randomUUID(),
        lines: [{ sku: of, quantity: 2 }],
        shippingAddress: address,
        payment: { card: { token } },
      },
    },
    headers,
  );
  if (!placeOrder.order) {
    throw new Error(`This tab needs an order, and none could be placed: ${placeOrder.userErrors[0]?.message}`);
  }
  const { id, number } = placeOrder.order;
  watch({ kind: "order", id, authorization: authorization(headers) });
  return { id, number, sku: of, by: who.sub };
}

/** An order of which something can be sent back that has not been yet. */
async function fulfilled(headers: Headers): Promise<Placed> {
  let order = mine(headers);
  for (let tries = 0; tries < 4; tries++) {
    order ??= await place("pm_card_visa", headers);
    const { order: now } = await ask(OrderToReturnDocument, { id: order.id }, headers);
    if (now?.status === "FULFILLED" && !now.returns?.length) {
      return order;
    }
    if (now?.status === "PLACED") {
      await ask(AwaitOrderDocument, { id: order.id }, headers);
    } else {
      order = null;
    }
  }
  throw new Error("{{fulfilledOrder}}: no order has been fulfilled in time. The saga panel has what it waits for.");
}
