import operator from "../../../gateway/testdata/operations/operator.graphql?raw";
import shopper from "../../../gateway/testdata/operations/shopper.graphql?raw";

/** A tab that is there on the first visit. */
export type Step = {
  title: string;
  /** What it is for, and what to look at. */
  about: string;
  query: string;
  /** As JSON with comments. */
  variables: string;
};

/** Where orders go. */
export const address = {
  name: "Ada Lovelace",
  street: "12 St James's Square",
  city: "London",
  postalCode: "SW1Y 4JH",
  countryCode: "GB",
};

/** Headers of every tab, as JSON with comments. */
export const headers = `{
  // {{token}} is of whoever is chosen at the top; without anybody this line is left out.
  // Put a token of your own in its place to ask as somebody else.
  "Authorization": "Bearer {{token}}"
}`;

/** The operation of a name, just as clients send it. */
export function operation(name: string): string {
  const all = `${shopper}\n${operator}`;
  const start = all.search(new RegExp(`^(query|mutation|subscription) ${name}\\b`, "m"));
  if (start < 0) {
    throw new Error(`there is no operation ${name}`);
  }
  return `${all.slice(start, all.indexOf("\n}", start))}\n}\n`;
}

function placing(card: string, postalCode: string): string {
  return `{
  "input": {
    // {{key}} is a new UUID for every run. Put one of your own to see the same answer come back as replayed.
    "idempotencyKey": "{{key}}",
    // {{sku}} is the first product in stock that Products answered.
    "lines": [{ "sku": "{{sku}}", "quantity": 2 }],
    "shippingAddress": {
      "name": "${address.name}",
      "street": "${address.street}",
      "city": "${address.city}",
      "postalCode": "${postalCode}", // the carrier refuses 00000
      "countryCode": "${address.countryCode}"
    },
    // pm_card_visa, pm_card_chargeDeclined, pm_card_flaky (times out twice), pm_card_refundFail
    "payment": { "card": { "token": "${card}" } },
    "promotionCodes": [],
    "refuseIfOutOfStock": false // true refuses at once what is known not to be there
  }
}`;
}

const signingIn = (email: string) => `{ "input": { "email": "${email}", "password": "quadrille" } }`;

const course: [title: string, about: string, operation: string, variables: string][] = [
  [
    "Sign in as Ada",
    "The playground keeps the token; every tab sends it as {{token}}, under Headers. It does the same when you choose somebody at the top.",
    "SignIn",
    signingIn("ada@quadrille.test"),
  ],
  [
    "Browse",
    "Three contexts answer: catalog has the products, pricing their prices, inventory what there is of them. The first in stock becomes {{sku}}.",
    "Products",
    `{ "first": 10 }`,
  ],
  [
    "Quote",
    "What it would cost, without ordering anything.",
    "Quote",
    `{
  // {{sku}} is the first product in stock that Products answered.
  "input": { "lines": [{ "sku": "{{sku}}", "quantity": 2 }], "promotionCodes": [] }
}`,
  ],
  [
    "Place an order",
    "It is accepted at once. Then nobody conducts: each context reacts to what the others say. Watch the saga move on this page.",
    "PlaceOrder",
    placing("pm_card_visa", address.postalCode),
  ],
  [
    "Watch it live",
    "Every change as it happens, over a web socket, from the order's first fact on. Press stop, or go to another tab, to end it.",
    "OrderChanged",
    `{
  "id": "{{order}}", // the order that you placed last
  "since": 0 // the facts after this one; null for those that are still to come
}`,
  ],
  [
    "Look at the order",
    "One question, answered by seven contexts. When one of them is away its fields are null, with an error that names it; the rest stands.",
    "Order",
    `{ "id": "{{order}}" } // the order that you placed last`,
  ],
  [
    "Cancel an order",
    "An order is placed for this, with a card that keeps the payment provider busy, so that there is time. See each context undo its part.",
    "CancelOrder",
    `{
  "input": {
    // {{freshOrder}} is placed right before this is sent, with a card that takes ten seconds.
    "orderId": "{{freshOrder}}",
    "reason": "changed my mind",
    "idempotencyKey": "{{key}}" // a new UUID for every run
  }
}`,
  ],
  [
    "Return something",
    "The one saga that is conducted: ordering has the goods collected, taken back and refunded, one after the other.",
    "RequestReturn",
    `{
  "input": {
    // {{fulfilledOrder}} is an order of yours that is fulfilled, {{fulfilledSku}} what was bought. If there is none, one is placed.
    "orderId": "{{fulfilledOrder}}",
    "lines": [{ "sku": "{{fulfilledSku}}", "quantity": 1 }],
    "reason": "too small",
    "idempotencyKey": "{{key}}" // a new UUID for every run
  }
}`,
  ],
  [
    "Make one fail: declined",
    "The order is accepted, and then the card is declined. What was reserved is released.",
    "PlaceOrder",
    placing("pm_card_chargeDeclined", address.postalCode),
  ],
  [
    "Make one fail: undeliverable",
    "The card is charged, and then the carrier refuses the address. Watch the money come back.",
    "PlaceOrder",
    placing("pm_card_visa", "00000"),
  ],
  ["Sign in as Olga", "An operator. What follows is refused to customers.", "SignIn", signingIn("olga@quadrille.test")],
  [
    "All sagas",
    "The latest first. The console shows each as a picture.",
    "Sagas",
    `{
  // { "state": "STUCK" } or { "search": "ada@quadrille.test" } shows some of them only.
  "filter": {},
  "first": 10
}`,
  ],
  [
    "The contexts",
    "How each of them is doing: what waits to be published, what failed, which circuits are open.",
    "Contexts",
    "{}",
  ],
  [
    "Parked messages",
    "What could not be handled, by cause. On a stack where nothing went wrong there is none.",
    "ParkedMessages",
    `{ "first": 10 }`,
  ],
  ["Audit log", "What operators did, and to what.", "AuditLog", `{ "first": 10 }`],
];

/** The way through: each tab succeeds as it is, in this order or by itself. */
export const steps: Step[] = course.map(([title, about, name, variables], index) => ({
  title,
  about,
  query: `# ${index + 1}. ${title}\n${operation(name)}`,
  variables,
}));

/** Which step a tab is, by its first line; -1 if it is none. */
export function stepOf(query: string | null): number {
  const first = query?.split("\n", 1)[0];
  return first === undefined ? -1 : steps.findIndex((step) => step.query.startsWith(`${first}\n`));
}
