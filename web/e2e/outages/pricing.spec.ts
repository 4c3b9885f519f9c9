import { sell } from "../api.ts";
import { halt, restart } from "../stack.ts";
import { expect, test } from "../visit.ts";

test.use({ as: "newcomer" });
test.afterEach(() => restart("pricing"));

test("pricing goes away while somebody browses", async ({ page }) => {
  const { sku, name } = await sell({ price: "12.40" });
  await page.goto(`/products/${sku}`);
  await expect(page.getByRole("main").getByText("£12.40").first()).toBeVisible();
  await halt("pricing");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  await expect(page.getByRole("main").getByText("£12.40").first()).toBeVisible();
  await expect(page.getByText(/price from/).first()).toBeVisible();
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.goto("/cart");
  await expect(page.getByText("these are the prices that it said last")).toBeVisible();
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
  await page.goto(`/?q=${sku}`);
  await expect(page.getByRole("heading", { name })).toBeVisible();
  await expect(page.getByText(/price from/).first()).toBeVisible();
  await restart("pricing");
  await expect(async () => {
    await page.goto(`/products/${sku}`);
    await expect(page.getByRole("main").getByText("£12.40").first()).toBeVisible();
    await expect(page.getByText(/price from/)).toHaveCount(0, { timeout: 100 });
  }).toPass();
});
