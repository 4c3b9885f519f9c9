// Holds a server against "GraphQL over HTTP", by the audits of graphql-http: node http.js <url>. Says what it did, and fails if any
// audit is not ok, the optional ones included.
import { serverAudits } from "graphql-http";

const [url] = process.argv.slice(2);
const results = await Promise.all(serverAudits({ url }).map(({ fn }) => fn()));
const failed = results.filter(({ status }) => status !== "ok");
for (const { id, name, status, reason, response } of failed) {
  const body = response.bodyUsed ? "" : await response.text();
  console.error(`${status} ${id} ${name}: ${reason}: ${response.status} ${body}`);
}
console.log(`${results.length - failed.length} of ${results.length} audits of GraphQL over HTTP are ok`);
if (failed.length > 0 || results.length === 0) {
  process.exit(1);
}
