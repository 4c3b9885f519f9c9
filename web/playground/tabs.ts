import shopper from "../../gateway/testdata/operations/shopper.graphql?raw";

/** Headers of every new tab, as JSON with comments. */
export const headers = `{
  // Run SignIn and put its token here.
  // "Authorization": "Bearer …"
}`;

const variables: Record<string, string> = {
  Products: `{ "first": 10 }`,
  SignIn: `{
  // The token that this answers goes under Headers in the other tabs.
  "input": { "email": "ada@quadrille.test", "password": "quadrille" }
}`,
  Quote: `{
  // A SKU from Products.
  "input": { "lines": [{ "sku": "…", "quantity": 2 }], "promotionCodes": [] }
}`,
  PlaceOrder: `{
  "input": {
    "idempotencyKey": "${crypto.randomUUID()}",
    // A SKU from Products.
    "lines": [{ "sku": "…", "quantity": 2 }],
    "shippingAddress": {
      "name": "Ada Lovelace",
      "street": "12 St James's Square",
      "city": "London",
      "postalCode": "SW1Y 4JH", // 00000 is refused by the carrier
      "countryCode": "GB"
    },
    "payment": { "card": { "token": "pm_card_visa" } }, // or pm_card_chargeDeclined, pm_card_flaky, pm_card_refundFail
    "promotionCodes": []
  }
}`,
  Order: `{ "id": "…" }`,
  OrderChanged: `{ "id": "…", "since": null }`,
  CancelOrder: `{
  "input": { "orderId": "…", "reason": "changed my mind", "idempotencyKey": "${crypto.randomUUID()}" }
}`,
};

/** The operation of a name among those that shoppers send. */
function operation(name: string): string {
  const start = shopper.search(new RegExp(`^(query|mutation|subscription) ${name}\\b`, "m"));
  if (start < 0) {
    throw new Error(`there is no operation ${name}`);
  }
  return `${shopper.slice(start, shopper.indexOf("\n}", start))}\n}\n`;
}

/** What a newcomer finds: the way of a shopper, one operation to a tab. */
export const tabs = Object.entries(variables).map(([name, variables]) => ({ query: operation(name), variables, headers }));
