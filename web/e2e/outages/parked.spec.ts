import { look, place, rest, sell, signIn, uuidOf } from "../api.ts";
import { halt, ledger, restart, spoil } from "../stack.ts";
import { expect, test } from "../visit.ts";

test.use({ as: "olga" });
test.afterEach(() => restart("inventory"));

test("an operator mends a message that could not be read, and the saga goes on", async ({ page }) => {
  const { sku } = await sell();
  const customer = await signIn("newcomer");
  await halt("inventory");
  const order = await place(customer, { sku });
  await spoil(uuidOf(order));
  await restart("inventory");
  await page.goto("/console/parked");
  const message = page.getByRole("listitem").filter({ hasText: uuidOf(order) });
  await expect(message).toContainText("UNREADABLE_EVENT");
  await expect(message).toContainText("1 message behind");
  expect((await look(customer, order)).status).toBe("PLACED");
  await message.getByRole("button", { name: "Edit and retry…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Payload").fill(JSON.stringify({ orderId: uuidOf(order), lines: [{ sku, quantity: 1 }] }, null, 2));
  await dialog.getByRole("button", { name: "Dry run" }).click();
  await expect(dialog.getByRole("status").first()).toBeVisible();
  expect((await look(customer, order)).status).toBe("PLACED");
  await dialog.getByRole("button", { name: "Retry with these changes" }).click();
  await expect(dialog.getByText("It is in the audit log.")).toBeVisible();
  await rest(customer, order);
  expect((await look(customer, order)).status).toBe("FULFILLED");
  expect(await ledger(uuidOf(order))).toHaveLength(1);
  await page.goto(`/console/sagas/${order}`);
  await expect(page.getByRole("status").filter({ hasText: "Completed" })).toBeVisible();
  await page.goto("/console/audit");
  await expect(page.getByText(/Retried inventory\.stock\.reserved/).first()).toBeVisible();
});
