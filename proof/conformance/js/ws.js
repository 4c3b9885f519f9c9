// Holds a server against graphql-transport-ws, by the protocol's own client: node ws.js <url> <sku>.
import assert from "node:assert/strict";
import { CloseCode, createClient } from "graphql-ws";
import WebSocket from "ws";
import { orderChanged, place, signIn, suite, told } from "./shop.js";

const [url, sku] = process.argv.slice(2);
const address = url.replace(/^http/, "ws");
const token = await signIn(url, "ada@quadrille.test");

function connect(options = {}) {
  return createClient({
    url: address,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    ...options,
  });
}

// run subscribes and answers all results, once there are no more.
function run(client, payload) {
  return new Promise((resolve, reject) => {
    const results = [];
    client.subscribe(payload, { next: (result) => results.push(result), error: reject, complete: () => resolve(results) });
  });
}

// follow hears of an order until it is fulfilled, from variables.since on.
function follow(client, variables, heard) {
  return new Promise((resolve, reject) => {
    const stop = client.subscribe(
      { query: orderChanged, variables },
      {
        next(result) {
          try {
            heard.hear(result);
          } catch (error) {
            reject(error);
          }
          // What is sent when the client has reconnected.
          variables.since = heard.last;
          if (heard.fulfilled) {
            stop();
          }
        },
        error: reject,
        complete: resolve,
      },
    );
  });
}

// closed is what the server closes a connection with, after what a client says on it.
function closed(...messages) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, "graphql-transport-ws");
    socket.on("open", () => messages.forEach((message) => socket.send(message)));
    socket.on("close", (code) => resolve(code));
    socket.on("error", reject);
  });
}

const init = JSON.stringify({ type: "connection_init" });
const watch = (id) => JSON.stringify({ id, type: "subscribe", payload: { query: 'subscription { orderChanged(id: "x") { sequence } }' } });

await suite("graphql-transport-ws", {
  "a query": async () => {
    const results = await run(connect(), { query: "{ viewer { email } }" });
    assert.deepEqual(results, [{ data: { viewer: { email: "ada@quadrille.test" } } }]);
  },
  "what is wrong with a document": async () => {
    await assert.rejects(run(connect(), { query: "{ nothing }" }), (errors) => errors[0].extensions.code === "GRAPHQL_VALIDATION_FAILED");
  },
  "a subscription to the end of a saga": async () => {
    const id = await place(url, token, sku);
    await follow(connect(), { id, since: 0 }, told(0));
  },
  "a subscription over a reconnect": async () => {
    let cuts = 0;
    const client = connect({
      retryAttempts: 5,
      shouldRetry: () => true,
      retryWait: async () => {},
      // Only what is connected can be cut.
      on: { connected: () => cuts < 3 && setTimeout(() => client.terminate(), 5 * cuts++) },
    });
    const id = await place(url, token, sku);
    await follow(client, { id, since: 0 }, told(0));
    assert.ok(cuts > 0, "nothing was cut");
  },
  "many subscriptions on one connection": async () => {
    const client = connect();
    const ids = await Promise.all(Array.from({ length: 5 }, () => place(url, token, sku)));
    await Promise.all(ids.map((id) => follow(client, { id, since: 0 }, told(0))));
  },
  "pings and pongs": async () => {
    let pongs = 0;
    const client = connect({ lazy: false, keepAlive: 20, on: { pong: () => pongs++ } });
    for (const until = Date.now() + 5000; pongs < 3 && Date.now() < until; ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(pongs >= 3, `${pongs} pongs`);
    await client.dispose();
  },
  "a token that is refused": async () => {
    const client = connect({ connectionParams: { authorization: "Bearer rubbish" } });
    await assert.rejects(run(client, { query: "{ __typename }" }), (event) => event.code === CloseCode.Unauthorized);
  },
  "close codes": async () => {
    assert.equal(await closed("rubbish"), CloseCode.BadRequest);
    assert.equal(await closed(watch("1")), CloseCode.Unauthorized);
    assert.equal(await closed(init, init), CloseCode.TooManyInitialisationRequests);
  },
  "no protocol": async () => {
    const code = await new Promise((resolve) => new WebSocket(address).on("close", resolve).on("error", resolve));
    assert.equal(code, CloseCode.SubprotocolNotAcceptable);
  },
});
