import { beforeEach, expect, test } from "vitest";

import { newSocket } from "./live";

/** A gateway's end of web sockets: acknowledges, and keeps what it was sent. */
class Socket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  static opened: Socket[] = [];
  static waiting: (() => void)[] = [];

  /** Answers when so many sockets were asked for something. */
  static async asked(many: number): Promise<Socket> {
    while (Socket.opened.filter(({ heard }) => heard.length > 0).length < many) {
      await new Promise<void>((done) => Socket.waiting.push(done));
    }
    return Socket.opened[many - 1] as Socket;
  }

  readyState = Socket.OPEN;
  heard: { id: string; payload: { variables: Record<string, unknown> } }[] = [];
  onopen = () => {};
  onmessage = (_: { data: string }) => {};
  onclose = (_: { code: number; reason: string }) => {};
  onerror = (_: unknown) => {};

  constructor() {
    Socket.opened.push(this);
    queueMicrotask(() => this.onopen());
  }
  send(text: string) {
    const message = JSON.parse(text);
    if (message.type === "connection_init") {
      this.say({ type: "connection_ack" });
    } else if (message.type === "subscribe") {
      this.heard.push(message);
      for (const done of Socket.waiting.splice(0)) {
        done();
      }
    }
  }
  say(message: unknown) {
    this.onmessage({ data: JSON.stringify(message) });
  }
  tell(data: unknown) {
    this.say({ type: "next", id: this.heard[0]?.id, payload: { data } });
  }
  close(code = 1000, reason = "") {
    this.readyState = Socket.CLOSING;
    this.onclose({ code, reason });
  }
}

beforeEach(() => {
  Socket.opened = [];
});

test("what is no longer watched before the connection is there is not asked for", async () => {
  const socket = newSocket("ws://gateway", () => ({}), Socket);
  const sink = { next: () => {}, error: () => {}, complete: () => {} };
  socket.subscribe({ query: "subscription", variables: { id: "1" } }, sink)();
  socket.subscribe({ query: "subscription", variables: { id: "2" } }, sink);
  expect((await Socket.asked(1)).heard.map(({ payload }) => payload.variables)).toEqual([{ id: "2" }]);
});

function watch(variables: Record<string, unknown>): unknown[] {
  const told: unknown[] = [];
  newSocket("ws://gateway", () => ({}), Socket).subscribe(
    { query: "subscription", variables },
    { next: ({ data }) => told.push(data), error: () => {}, complete: () => {} },
  );
  return told;
}

test("a subscription goes on after a restart with what it has not told", async () => {
  const told = watch({ id: "7", since: 2 });
  const first = await Socket.asked(1);
  expect(first.heard[0]?.payload.variables).toEqual({ id: "7", since: 2 });
  first.tell({ orderChanged: { sequence: 3 } });
  first.tell({ orderChanged: { sequence: 4 } });
  first.close(1012, "GATEWAY_RESTARTING");

  const second = await Socket.asked(2);
  expect(second.heard[0]?.payload.variables).toEqual({ id: "7", since: 4 });
  second.tell({ orderChanged: { sequence: 5 } });
  expect(told).toEqual([3, 4, 5].map((sequence) => ({ orderChanged: { sequence } })));
});

test("a subscription that cannot be resumed is asked for as it was", async () => {
  watch({ skus: ["CUP"] });
  const first = await Socket.asked(1);
  first.tell({ stockChanged: { sku: "CUP" } });
  first.close(1006);
  expect((await Socket.asked(2)).heard[0]?.payload.variables).toEqual({ skus: ["CUP"] });
});
