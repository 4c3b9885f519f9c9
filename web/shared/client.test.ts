import { gql } from "@urql/core";
import { afterEach, expect, test, vi } from "vitest";

import { newClient } from "./client";

afterEach(() => vi.unstubAllGlobals());

/** A gateway that knows no document by its hash and, as the real one, answers in a stream whoever takes one. */
function forgetful() {
  const told: string[] = [];
  const fetch = async (_: unknown, { headers, body }: { headers: Record<string, string>; body: string }) => {
    const { query } = JSON.parse(body) as { query?: string };
    if (query) {
      told.push(query);
    }
    const answer = JSON.stringify(
      query
        ? { data: { done: true } }
        : { errors: [{ message: "PersistedQueryNotFound", extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }] },
    );
    return headers.accept?.includes("text/event-stream")
      ? new Response(`event: next\ndata: ${answer}\n\nevent: complete\ndata: \n\n`, {
          headers: { "content-type": "text/event-stream" },
        })
      : new Response(answer, { headers: { "content-type": "application/json" } });
  };
  return { told, fetch };
}

test("a change of which the gateway has to be told in full is made once", async () => {
  const { told, fetch } = forgetful();
  vi.stubGlobal("window", { location: { href: "http://shop.test/" }, addEventListener: () => undefined });
  vi.stubGlobal("localStorage", { getItem: () => null });
  vi.stubGlobal(
    "WebSocket",
    Object.assign(() => undefined, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }),
  );
  vi.stubGlobal("fetch", fetch);
  const { data } = await newClient().mutation(gql`mutation Do { done }`, {}).toPromise();
  expect(data).toEqual({ done: true });
  expect(told).toHaveLength(1);
});
