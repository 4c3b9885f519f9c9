import type { ReturnableQuery } from "../gql/graphql";

type Order = NonNullable<ReturnableQuery["order"]>;

/** How many of a line can still go back: what was bought, less what is on its way back or has come. */
export function returnable({ returns }: Pick<Order, "returns">, line: { sku: string; quantity: number }): number {
  const gone = (returns ?? [])
    .filter(({ state }) => state !== "COMPENSATED")
    .flatMap(({ lines }) => lines)
    .filter(({ sku }) => sku === line.sku)
    .reduce((sum, { quantity }) => sum + quantity, 0);
  return Math.max(0, line.quantity - gone);
}

/** What was refused of what was asked for, by SKU; and what is of no line, under "". */
export function refusals(
  errors: readonly { code: string; message: string; path: readonly string[]; sku?: string; returnable?: number }[],
  asked: readonly { sku: string }[],
): Map<string, string> {
  const wrong = new Map<string, string>();
  for (const { code, message, path, sku, returnable } of errors) {
    const line = sku ?? (path[0] === "lines" ? asked[Number(path[1])]?.sku : undefined) ?? "";
    wrong.set(line, code === "RETURN_EXCEEDS_PURCHASE" && returnable !== undefined ? left(returnable) : message);
  }
  return wrong;
}

function left(returnable: number): string {
  return returnable === 0 ? "None of it can go back any more." : `Only ${returnable} of it can still go back.`;
}
