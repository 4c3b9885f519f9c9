// What the suites need of the shop: somebody who is signed in, and an order whose saga is on its way.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

// ask executes an operation over plain HTTP and answers its data.
export async function ask(url, token, query, variables) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  return data;
}

export async function signIn(url, email) {
  const { signIn } = await ask(url, null, "mutation ($input: SignInInput!) { signIn(input: $input) { token } }", {
    input: { email, password: "quadrille" },
  });
  return signIn.token;
}

export async function place(url, token, sku) {
  const { placeOrder } = await ask(
    url,
    token,
    "mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { order { id } userErrors { message } } }",
    {
      input: {
        idempotencyKey: randomUUID(),
        lines: [{ sku, quantity: 1 }],
        shippingAddress: { name: "Ada", street: "1 Analytical Row", city: "London", postalCode: "EC1A 1BB", countryCode: "GB" },
        payment: { card: { token: "pm_card_visa" } },
      },
    },
  );
  assert.deepEqual(placeOrder.userErrors, []);
  return placeOrder.order.id;
}

export const orderChanged = `subscription ($id: ID!, $since: Int) {
  orderChanged(id: $id, since: $since) { sequence fact { type } order { status } }
}`;

// told collects the changes of an order and holds them against what is promised: every fact once, in order.
export function told(since) {
  const facts = [];
  return {
    facts,
    hear({ data, errors }) {
      assert.equal(errors, undefined);
      const { sequence, fact } = data.orderChanged;
      assert.equal(sequence, since + facts.length + 1, `fact ${sequence} came after ${since + facts.length}`);
      facts.push(fact.type);
    },
    get last() {
      return since + facts.length;
    },
    get fulfilled() {
      return facts.includes("ordering.order.fulfilled");
    },
  };
}

// suite runs cases one after another and says how they went.
export async function suite(name, cases) {
  let failed = 0;
  for (const [title, test] of Object.entries(cases)) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error("it takes too long")), 60_000);
    });
    try {
      await Promise.race([test(), late]);
    } catch (error) {
      failed++;
      console.error(`FAILED ${title}: ${error?.stack ?? JSON.stringify(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }
  const all = Object.keys(cases).length;
  console.log(`${all - failed} of ${all} cases of ${name} are ok`);
  process.exit(failed > 0 || all === 0 ? 1 : 0);
}
