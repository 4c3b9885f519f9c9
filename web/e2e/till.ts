import { expect, type Page } from "@playwright/test";

/** Puts pieces of a product into the cart, on its page. */
export async function putInCart(page: Page, sku: string, quantity = 1) {
  await page.goto(`/products/${sku}`);
  await page.getByLabel("Quantity").fill(`${quantity}`);
  await page.getByRole("button", { name: "Add to cart" }).click();
  await expect(page.getByText(/in your cart/)).toBeVisible();
}

/** Goes from the cart to where there is nothing left to do but to place the order. Whoever buys keeps no address yet. */
export async function goToReview(page: Page, { card = "pm_card_visa", postalCode = "SW1Y 4JH" } = {}) {
  await page.goto("/cart");
  await page.getByRole("link", { name: "Go to checkout" }).click();
  await page.getByLabel("Street and number").fill("12 St James's Square");
  await page.getByLabel("Postal code").fill(postalCode);
  await page.getByLabel("Town").fill("London");
  await page.getByRole("button", { name: "Go on to payment" }).click();
  await page.getByRole("radio", { name: card }).check();
  await page.getByRole("button", { name: "Go on to review" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Is everything right?" })).toBeVisible();
}

/** The button that places the order. */
export const placeTheOrder = (page: Page) => page.getByRole("button", { name: "Place the order" });

/** The id of the order on whose page somebody is. */
export async function orderOn(page: Page): Promise<string> {
  await expect(page).toHaveURL(/\/orders\/[^/]+$/);
  return decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1) ?? "");
}
