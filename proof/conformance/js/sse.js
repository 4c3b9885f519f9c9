// Holds a server against graphql-sse, by the protocol's own client and by an EventSource: node sse.js <url> <sku>.
import assert from "node:assert/strict";
import { EventSource } from "eventsource";
import { createClient } from "graphql-sse";
import { orderChanged, place, signIn, suite, told } from "./shop.js";

const [url, sku] = process.argv.slice(2);
const token = await signIn(url, "ada@quadrille.test");
const headers = { authorization: `Bearer ${token}` };

function run(client, payload) {
  return new Promise((resolve, reject) => {
    const results = [];
    client.subscribe(payload, { next: (result) => results.push(result), error: reject, complete: () => resolve(results) });
  });
}

async function follow(client, id) {
  const heard = told(0);
  await new Promise((resolve, reject) => {
    const stop = client.subscribe(
      { query: orderChanged, variables: { id, since: 0 } },
      {
        next(result) {
          try {
            heard.hear(result);
          } catch (error) {
            reject(error);
          }
          if (heard.fulfilled) {
            stop();
            resolve();
          }
        },
        error: reject,
        complete: resolve,
      },
    );
  });
  assert.ok(heard.fulfilled);
}

// source listens as a browser does, but for the token, which browsers have to send by other means.
function source(search) {
  return new EventSource(`${url}?${search}`, {
    fetch: (input, request) => fetch(input, { ...request, headers: { ...request.headers, ...headers } }),
  });
}

const cases = {
  "an EventSource sees a query complete": async () => {
    const events = source(new URLSearchParams({ query: "{ viewer { email } }" }));
    const seen = await new Promise((resolve) => {
      const data = [];
      events.addEventListener("next", (event) => data.push(event.data));
      events.addEventListener("complete", () => resolve(data));
    });
    events.close();
    assert.equal(seen.length, 1);
    assert.equal(JSON.parse(seen[0]).data.viewer.email, "ada@quadrille.test");
  },
  "an EventSource is told what is wrong": async () => {
    const events = source(new URLSearchParams({ query: "{ nothing }" }));
    const seen = await new Promise((resolve) => events.addEventListener("next", (event) => resolve(JSON.parse(event.data))));
    events.close();
    assert.equal(seen.errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  },
  "an EventSource resumes after its last event": async () => {
    const id = await place(url, token, sku);
    const heard = told(0);
    let connections = 0;
    const events = new EventSource(`${url}?${new URLSearchParams({ query: orderChanged, variables: JSON.stringify({ id, since: 0 }) })}`, {
      // The first two connections are cut after their first event.
      fetch: async (input, request) => {
        const response = await fetch(input, { ...request, headers: { ...request.headers, ...headers } });
        return ++connections > 2 ? response : new Response(cut(response.body), response);
      },
    });
    await new Promise((resolve, reject) => {
      events.addEventListener("next", (event) => {
        try {
          heard.hear(JSON.parse(event.data));
          assert.equal(event.lastEventId, String(heard.last));
        } catch (error) {
          reject(error);
        }
        if (heard.fulfilled) {
          resolve();
        }
      });
    });
    events.close();
    assert.ok(connections >= 3, `${connections} connections`);
  },
};

// cut is a stream that ends after its first event.
function cut(body) {
  const reader = body.getReader();
  let text = "";
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      text += done ? "" : new TextDecoder().decode(value);
      const event = text.search(/\ndata: .*\n\n/);
      if (done || event >= 0) {
        if (event >= 0) {
          controller.enqueue(new TextEncoder().encode(text.slice(0, text.indexOf("\n\n", event) + 2)));
        }
        controller.close();
        await reader.cancel();
      }
    },
  });
}

for (const singleConnection of [false, true]) {
  const how = singleConnection ? "on one connection" : "on distinct connections";
  const connect = (options = {}) => createClient({ url, headers, singleConnection, retryAttempts: 0, ...options });
  Object.assign(cases, {
    [`a query ${how}`]: async () => {
      const results = await run(connect(), { query: "{ viewer { email } }" });
      assert.deepEqual(results, [{ data: { viewer: { email: "ada@quadrille.test" } } }]);
    },
    [`what is wrong with a document ${how}`]: async () => {
      const asked = run(connect(), { query: "{ nothing }" });
      if (singleConnection) {
        await assert.rejects(asked, (error) => error.response.status === 400);
      } else {
        assert.equal((await asked)[0].errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
      }
    },
    [`many sagas to their ends ${how}`]: async () => {
      const client = connect();
      const ids = await Promise.all(Array.from({ length: 4 }, () => place(url, token, sku)));
      await Promise.all(ids.map((id) => follow(client, id)));
      client.dispose();
    },
    [`a token that is refused ${how}`]: async () => {
      const client = connect({ headers: { authorization: "Bearer rubbish" } });
      await assert.rejects(run(client, { query: "{ __typename }" }), (error) => error.response.status === 401);
    },
  });
}

await suite("graphql-sse", cases);
