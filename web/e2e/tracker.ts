import type { Page } from "@playwright/test";

/** An order's page, as people find their way on it. */
export function tracker(page: Page) {
  return {
    /** What has become of the order, in a line. */
    headline: (text: string | RegExp) => page.getByRole("heading", { level: 2, name: text }),
    /** What happened, one entry a fact. */
    history: page.getByRole("region", { name: "What has happened" }).getByRole("listitem"),
    station: (key: "placed" | "reserved" | "paid" | "booked" | "sent" | "delivered") => page.getByTestId(`station-${key}`),
  };
}

/** The numbers of the facts that a page is told live, in the order in which it is. */
export function numbersTold(page: Page): number[] {
  const numbers: number[] = [];
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      const message = JSON.parse(payload.toString()) as {
        payload?: { data?: { orderChanged?: { sequence: number; fact: unknown } } };
      };
      const change = message.payload?.data?.orderChanged;
      if (change?.fact) {
        numbers.push(change.sequence);
      }
    }),
  );
  return numbers;
}
