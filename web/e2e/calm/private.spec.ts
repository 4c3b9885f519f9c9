import { place, sell } from "../api.ts";
import { expect, test } from "../visit.ts";

test.use({ as: "newcomer" });

test("nobody sees another's orders, not even by their address", async ({ page, session, elsewhere }) => {
  const { sku, name } = await sell();
  const order = await place(session, { sku });
  await page.goto("/orders");
  await expect(page.getByText(name)).toBeVisible();
  await page.goto(`/orders/${order}`);
  await expect(page.getByText(name).first()).toBeVisible();

  const stranger = await (await elsewhere("newcomer")).newPage();
  await stranger.goto(`/orders/${order}`);
  await expect(stranger.getByRole("heading", { name: "There is no such order here" })).toBeVisible();
  await expect(stranger.getByText(name)).toHaveCount(0);
  await stranger.goto(`/orders/${order}/return`);
  await expect(stranger.getByText("There is no such order here")).toBeVisible();
  await expect(stranger.getByText(name)).toHaveCount(0);
  await stranger.goto("/orders");
  await expect(stranger.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(stranger.getByText(/not ordered anything|no orders/i)).toBeVisible();
  await expect(stranger.getByText(name)).toHaveCount(0);

  const nobody = await (await elsewhere(null)).newPage();
  await nobody.goto(`/orders/${order}`);
  await expect(nobody).toHaveURL(/\/sign-in/);
  await expect(nobody.getByText(name)).toHaveCount(0);
});
