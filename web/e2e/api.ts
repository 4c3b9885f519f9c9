import { randomUUID } from "node:crypto";

const gateway = process.env.QUADRILLE_URL ?? "";

/** Asks the gateway as a program would, and answers what it says. Throws for errors, and for what the user did wrong. */
export async function ask<T>(query: string, variables: Record<string, unknown>, token?: string): Promise<T> {
  const response = await fetch(`${gateway}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as {
    data: Record<string, { userErrors?: unknown[] } | null>;
    errors?: unknown[];
  };
  const refused = Object.values(data ?? {}).flatMap((answer) => answer?.userErrors ?? []);
  if (errors || refused.length > 0) {
    throw new Error(`${JSON.stringify(errors ?? refused)} to ${query}`);
  }
  return data as T;
}

const demo = { ada: "ada@quadrille.test", grace: "grace@quadrille.test", olga: "olga@quadrille.test" };

/** Whom a test acts as: a demo account, or a customer who has only just registered. */
export type Person = keyof typeof demo | "newcomer";

/** Who has signed in, as the pages keep it. */
export type Session = { token: string; expiresAt: string; email: string; name: string; roles: string[] };

const password = "quadrille";

const signedIn = new Map<Person, Promise<Session>>();

/** Signs somebody in; demo accounts once for all tests. */
export function signIn(person: Person): Promise<Session> {
  const before = signedIn.get(person);
  if (before) {
    return before;
  }
  const session = signInAnew(person);
  if (person !== "newcomer") {
    signedIn.set(person, session);
  }
  return session;
}

async function signInAnew(person: Person): Promise<Session> {
  const email = person === "newcomer" ? await register() : demo[person];
  type Answer = { signIn: { token: string; expiresAt: string; viewer: Omit<Session, "token" | "expiresAt"> } };
  const { signIn } = await ask<Answer>(
    `mutation ($input: SignInInput!) {
      signIn(input: $input) { token expiresAt viewer { email name roles } userErrors { code message } }
    }`,
    { input: { email, password } },
  );
  return { token: signIn.token, expiresAt: signIn.expiresAt, ...signIn.viewer };
}

async function register(): Promise<string> {
  const email = `${randomUUID()}@quadrille.test`;
  await ask(`mutation ($input: RegisterCustomerInput!) { registerCustomer(input: $input) { userErrors { code message } } }`, {
    input: { email, name: "Nell Newcomer", password, idempotencyKey: randomUUID() },
  });
  return email;
}

/** Puts a product of the test's own on sale, and answers its SKU and name. */
export async function sell({ pieces = 100, price = "12.40" } = {}): Promise<{ sku: string; name: string }> {
  const { token } = await signIn("olga");
  const sku = `E2E-${randomUUID().slice(0, 8).toUpperCase()}`;
  const name = `Kettle ${sku}`;
  const steps: [string, string, object][] = [
    ["listProduct", "ListProductInput", { sku, name, description: "A kettle that sings.", category: "Kitchen" }],
    ["changePrice", "ChangePriceInput", { sku, price: { amount: price, currencyCode: "GBP" } }],
    ["receiveStock", "ReceiveStockInput", { sku, quantity: pieces, reference: `for ${sku}` }],
  ];
  for (const [mutation, type, input] of steps) {
    await ask(`mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { code message } } }`, { input }, token);
  }
  return { sku, name };
}

/** What an order is made of; what is left out is what reaches its customer. */
export type Wish = { sku: string; quantity?: number; card?: string; postalCode?: string };

/** Places an order as somebody, without the pages, and answers its global id. */
export async function place(
  { token }: Session,
  { sku, quantity = 1, card = "pm_card_visa", postalCode = "SW1Y 4JH" }: Wish,
): Promise<string> {
  const { placeOrder } = await ask<{ placeOrder: { order: { id: string } } }>(
    `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { order { id } userErrors { code message path } } }`,
    {
      input: {
        idempotencyKey: randomUUID(),
        lines: [{ sku, quantity }],
        shippingAddress: { name: "Ada Lovelace", street: "12 St James's Square", city: "London", postalCode, countryCode: "GB" },
        payment: { card: { token: card } },
      },
    },
    token,
  );
  return placeOrder.order.id;
}

/** The id that an order has within the system. */
export function uuidOf(id: string): string {
  return Buffer.from(id, "base64url").toString().split(":").at(-1) ?? "";
}

/** How an order stands, as its customer is told. */
export type Order = {
  status: string;
  cancellation: { reason: string; settled: boolean } | null;
  saga: { state: string } | null;
};

/** Reads an order. */
export async function look({ token }: Session, id: string): Promise<Order> {
  const { order } = await ask<{ order: Order }>(
    `query ($id: ID!) { order(id: $id) { status cancellation { reason settled } saga { state } } }`,
    { id },
    token,
  );
  return order;
}

/** Waits until an order's saga is over, and answers how. */
export async function rest(session: Session, id: string): Promise<Order> {
  for (const until = Date.now() + 30_000; ; ) {
    const order = await look(session, id);
    if (order.saga?.state === "COMPLETED" || order.saga?.state === "COMPENSATED") {
      return order;
    }
    if (Date.now() > until) {
      throw new Error(`order ${id} is not at rest: ${JSON.stringify(order)}`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** The global ids of a customer's orders. */
export async function ordersOf({ token }: Session): Promise<string[]> {
  const { viewer } = await ask<{ viewer: { customer: { orders: { nodes: { id: string }[] } } } }>(
    "query { viewer { customer { orders(first: 50) { nodes { id } } } } }",
    {},
    token,
  );
  return viewer.customer.orders.nodes.map(({ id }) => id);
}
