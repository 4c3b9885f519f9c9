import type { Page } from "@playwright/test";

import { overhang, violations } from "../access.ts";
import type { Person } from "../api.ts";
import { expect, test } from "../visit.ts";

/** A page of one of the apps. */
type Stop = {
  name: string;
  as?: Person;
  /** Its address, which may have to be made first. */
  at: string | (() => Promise<string>);
  /** What has to be done to be there. */
  before?: (page: Page) => Promise<void>;
};

const stops: Stop[] = [
  { name: "the shop", at: "/" },
  { name: "a search in vain", at: "/?q=there-is-no-such-thing" },
  { name: "sign in", at: "/sign-in" },
  { name: "a page that is not there", at: "/nowhere/at/all" },
  { name: "the console for nobody", at: "/console" },
  { name: "the console for a customer", as: "ada", at: "/console" },
  { name: "the console", as: "olga", at: "/console" },
  { name: "a page of the console that is not there", as: "olga", at: "/console/nowhere" },
];

/** Every page can be used by everybody, on a telephone and on a desk, by day and by night. */
for (const { name, as, at, before } of stops) {
  test.describe(() => {
    test.use({ as: as ?? null, contextOptions: { reducedMotion: "reduce" } });

    test(`${name} can be used by everybody`, async ({ page }) => {
      await page.goto(typeof at === "string" ? at : await at());
      await before?.(page);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await page.waitForLoadState("networkidle");
      await expect(page).toHaveTitle(/\S/);
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 });
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          expect.soft(await violations(page), `at ${width} px, ${colorScheme}`).toEqual([]);
        }
        expect.soft(await overhang(page), `what sticks out at ${width} px`).toBeLessThanOrEqual(0);
      }
    });
  });
}
