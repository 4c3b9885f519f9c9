import { Kind } from "graphql";
import { expect, test } from "vitest";

import { asWritten } from "./written";

const two = "query Products { products { nodes { id } } } query Quote { quote { id } }";

test.each([
  ["the operation before", "query Quote { quote { id } }", "Products", "Quote"],
  ["the operation before, and none has a name now", "{ quote { id } }", "Products", undefined],
  ["nothing yet", "query Quote { quote { id } }", undefined, "Quote"],
  ["one of several", two, "Products", "Products"],
  ["none of several", two, "Gone", "Gone"],
  ["of what cannot be parsed", "query Quote { quote", "Quote", "Quote"],
  ["of fragments only", "fragment F on Quote { id }", "Quote", "Quote"],
])("the operation of a request that says %s", (_, query, said, meant) => {
  expect(asWritten({ query, operationName: said }).request).toEqual({ query, operationName: meant });
});

test("the document is what is written", () => {
  const { document } = asWritten({ query: "subscription OrderChanged { orderChanged { id } }", operationName: "Quote" });
  expect(document?.definitions).toMatchObject([{ kind: Kind.OPERATION_DEFINITION, operation: "subscription" }]);
  expect(asWritten({ query: "subscription {" }).document).toBeUndefined();
});
