import { test } from "../visit.ts";

// What no page may do makes a test fail, whatever else the test holds.
for (const [what, script] of [
  ["asks another host", 'void fetch("https://elsewhere.test/").catch(() => undefined)'],
  ["loads from another host", 'document.body.append(Object.assign(new Image(), { src: "https://elsewhere.test/1.png" }))'],
  ["makes code of text", 'document.body.append(Object.assign(document.createElement("script"), { text: "1" }))'],
  ["lets an exception go", 'setTimeout(() => { throw new Error("uncaught") })'],
  ["tells of an error", 'console.error("wrong")'],
] as const) {
  test.fail(`a page that ${what} is found out`, async ({ page }) => {
    await page.goto("/");
    await page.evaluate(script);
    // What was begun before is over when this has been loaded.
    await page.evaluate(() => fetch("/icon.svg").then((answer) => answer.text()));
  });
}
