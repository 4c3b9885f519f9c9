// Reads an order in parts, as clients do that know @defer: node defer.js <url> <token> <order id>. Fails unless what is deferred comes
// after the rest, and all of it in the end.
const [url, token, id] = process.argv.slice(2);
const query = `query ($id: ID!) { order(id: $id) { number ...Money @defer(label: "money") ... @defer(label: "saga") { saga { state } } } }
fragment Money on Order { payment { status } invoice { number } }`;

const response = await fetch(url, {
  method: "POST",
  headers: {
    accept: "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9",
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
  },
  body: JSON.stringify({ query, variables: { id } }),
});
const boundary = /^multipart\/mixed; *boundary="([^"]+)"/.exec(response.headers.get("content-type"))?.[1];
if (response.status !== 200 || boundary === undefined) {
  throw new Error(`${response.status} ${response.headers.get("content-type")}: ${await response.text()}`);
}

const parts = [];
let rest = "\r\n";
for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
  rest += chunk;
  const pieces = rest.split(`\r\n--${boundary}`);
  rest = pieces.pop();
  for (const piece of pieces.filter((text) => text.includes("\r\n\r\n"))) {
    parts.push(JSON.parse(piece.slice(piece.indexOf("\r\n\r\n"))));
  }
}
if (rest.trim() !== "--") {
  throw new Error(`the answer does not end: ${rest}`);
}

const [first, ...later] = parts;
if (Object.keys(first.data.order).join() !== "number" || first.hasNext !== true) {
  throw new Error(`the first part is ${JSON.stringify(first)}`);
}
const order = first.data.order;
for (const { data, errors, path } of later.flatMap(({ incremental }) => incremental)) {
  if (errors !== undefined || path.join() !== "order") {
    throw new Error(`a later part is ${JSON.stringify({ data, errors, path })}`);
  }
  Object.assign(order, data);
}
if (!(order.payment?.status && order.invoice?.number && order.saga?.state) || later.at(-1).hasNext !== false) {
  throw new Error(`the order is ${JSON.stringify(order)} after ${JSON.stringify(later)}`);
}
console.log(`an order came in ${parts.length} parts: ${JSON.stringify(order)}`);
