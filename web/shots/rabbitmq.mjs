// Photographs RabbitMQ's console for docs/rabbitmq.md, as its operator user sees it, while `make up` runs in this clone. It buys things
// meanwhile, so that there is something to see. Takes the stack's addresses from .stack, and Chromium from CHROMIUM or the PATH.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "@playwright/test";

const root = join(import.meta.dirname, "../..");
const stack = JSON.parse(readFileSync(join(root, ".stack/running.json"), "utf8"));
const secrets = JSON.parse(readFileSync(join(root, ".stack/secrets.json"), "utf8"));
const { management, prefix = "" } = stack.servers;
const vhost = "quadrille";

/** What the API answers to an operation. */
async function ask(query, variables, token) {
  const response = await fetch(`${stack.gateway}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) {
    throw new Error(errors[0].message);
  }
  return data;
}

/** A customer who buys one piece of what there is, again and again. Some cards are declined, some parcels undeliverable. */
async function customer() {
  const credentials = { email: "ada@quadrille.test", password: "quadrille" };
  const { signIn } = await ask("mutation ($input: SignInInput!) { signIn(input: $input) { token } }", { input: credentials });
  const { products } = await ask("{ products(first: 100) { nodes { sku availability { available } } } }");
  const skus = products.nodes.filter((product) => product.availability?.available > 20).map((product) => product.sku);
  let bought = 0;
  return async () => {
    bought += 1;
    const input = {
      idempotencyKey: randomUUID(),
      lines: [{ sku: skus[bought % skus.length], quantity: 1 }],
      shippingAddress: {
        name: "Ada",
        street: "1 Analytical Row",
        city: "London",
        postalCode: bought % 9 === 0 ? "00000" : "EC1A 1BB",
        countryCode: "GB",
      },
      payment: { card: { token: bought % 7 === 0 ? "pm_card_chargeDeclined" : "pm_card_visa" } },
    };
    await ask("mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { order { id } } }", { input }, signIn.token);
  };
}

/** Runs a task while somebody buys, some orders a second. */
async function whileBuying(task) {
  const buy = await customer();
  let over = false;
  const buying = (async () => {
    while (!over) {
      await buy();
      await sleep(150);
    }
  })();
  try {
    return await task();
  } finally {
    over = true;
    await buying;
  }
}

/** Freezes a context while a task runs, as a machine that is short of memory does. */
async function whileFrozen(context, task) {
  const { pid } = stack.children.find((child) => child.name === context);
  process.kill(pid, "SIGSTOP");
  try {
    return await task();
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

/** Opens a page of the console, and the sections with these titles, and closes all others. Where that changes, the charts are drawn anew. */
async function open(page, path, { ready, sections }) {
  await page.goto(`${management}/#${path}`);
  await page.locator(ready).first().waitFor();
  let changed = false;
  for (const section of sections ? await page.locator("#main .section, #main .section-hidden").all() : []) {
    const title = (await section.locator("h2").first().textContent()).trim();
    const shown = (await section.getAttribute("class")).includes("section-visible");
    if (shown !== sections.some((wanted) => title.startsWith(wanted))) {
      await section.locator("h2").first().click();
      changed = true;
    }
  }
  if (changed) {
    await page.reload();
    await page.locator(ready).first().waitFor();
  }
  await page.addStyleTag({ content: "#main table.list tr td { background: none }" }); // gradients make large files
}

/** Saves what the page shows once it is drawn, down to where its content ends or to a height. */
async function shoot(page, name, height = 2000) {
  await sleep(1_000);
  const content = await page.locator("#main").boundingBox();
  const clip = { x: 0, y: 0, width: 1280, height: Math.min(height, Math.ceil(content.y + content.height + 16)) };
  await page.screenshot({ path: join(root, `docs/images/rabbitmq-${name}.png`), clip, fullPage: true });
}

const queue = (name) => `/queues/${vhost}/${name}`;

async function album(page) {
  await page.goto(management);
  await page.locator("input[name=username]").fill(`${prefix}operator`);
  await page.locator("input[name=password]").fill(secrets["amqp/operator"]);
  await page.locator("input[type=submit]").click();
  await page.locator("#main h1").waitFor();

  await sleep(15_000); // until the charts have something to draw
  await open(page, "/", { ready: "#main .chart canvas", sections: ["Totals"] });
  await shoot(page, "overview", 860);
  await open(page, "/connections", { ready: "#main table.list td" });
  await shoot(page, "connections", 640);
  const consumer = page.locator("#main table.list tr", { hasText: "billing@" }).filter({ hasText: "consumer" });
  const [, connection] = (await consumer.locator("a").first().getAttribute("href")).split("#");
  await open(page, connection, { ready: "#main .section", sections: ["Overview", "Client properties"] });
  await shoot(page, "connection");
  await open(page, "/exchanges", { ready: "#main table.list td" });
  await shoot(page, "exchanges", 960);
  await open(page, `/exchanges/${vhost}/ordering.events`, { ready: "#main h1", sections: ["Overview", "Bindings"] });
  await shoot(page, "exchange");
  await open(page, "/queues", { ready: "#main table.list td" });
  await shoot(page, "queues", 800);
  await open(page, queue("billing.inbox"), { ready: "#main h1", sections: ["Overview", "Consumers"] });
  await shoot(page, "inbox");
  await open(page, queue("operator.recent"), { ready: "#main h1", sections: ["Get messages"] });
  await page.locator("input[value^='Get Message']").click();
  await page.locator("pre.msg-payload").waitFor();
  await shoot(page, "message");
  await whileFrozen("fulfillment", async () => {
    await sleep(12_000); // less than it takes RabbitMQ to give the connection up
    await open(page, queue("fulfillment.inbox"), { ready: "#main h1", sections: ["Overview"] });
    await shoot(page, "frozen");
  });
}

const executablePath = process.env.CHROMIUM ?? execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await whileBuying(() => album(page));
} finally {
  await browser.close();
}
