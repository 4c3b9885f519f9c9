import type { DeliveryState } from "../gql/graphql";
import type { Delivery, Dialogue, Manner, Message } from "./story";

/** The side of a square of the paper, in pixels: what a moment takes is drawn in squares. */
export const square = 20;
/** How far messages are apart at least, so that each can be read. */
const apart = 2 * square;
/** How long the longest wait is drawn; what is longer is cut. */
const longest = 4 * square;
/** How far below its message an arrow ends at least. */
const fall = 12;

/** Where a message is published. */
export type Row = { message: Message; lane: number | null; y: number };

/** A message on its way to one context. */
export type Arrow = {
  message: string;
  from: number;
  to: number;
  y1: number;
  y2: number;
  manner: Manner;
  /** Between whom: anybody who cares, or two alone. */
  kind: "fact" | Dialogue["kind"];
  /** How it stands there; null where that is not known because it is not recorded. */
  state: DeliveryState | null;
  /** Whether it must have been handled, because of what came of it. */
  implied: boolean;
  attempts: number;
  error: string | null;
  /** What came of it there. */
  leads: string[];
};

/** A context at work: from the arrival of a message to what came of it. */
export type Bar = { lane: number; y1: number; y2: number; message: string };

/** Where time is left out. */
export type Cut = { y: number; ms: number };

/** A moment that is no message. */
export type Line = { what: "deadline" | "now"; at: number; y: number };

export type Layout = {
  /** The contexts from left to right. */
  lanes: string[];
  rows: Row[];
  arrows: Arrow[];
  bars: Bar[];
  cuts: Cut[];
  lines: Line[];
  height: number;
  /** How many milliseconds a square stands for, where nothing is cut and nothing spread. */
  msPerSquare: number;
};

/** What is there besides messages. */
export type Around = {
  /** Lanes that are there in any case, in this order. */
  lanes: readonly string[];
  /** Moments to be marked. */
  lines: readonly Omit<Line, "y">[];
  /** Who is at work at present, and since when. */
  busy: readonly { context: string; since: number }[];
};

/**
 * Lays a story out: a lane for each context, time downwards. Waits are to scale up to a length from which on they are cut; messages that
 * are closer than can be read are spread.
 */
export function layout(messages: readonly Message[], { lanes: first, lines, busy }: Around): Layout {
  const lanes = lanesOf(messages, first);
  const msPerSquare = scaleOf(messages);
  const flights = messages.flatMap((message) => flightsOf(message, messages, lanes, msPerSquare / 2));
  const paper = new Paper(msPerSquare);
  const moments = [
    ...messages.map((message) => ({ at: message.at, place: () => paper.publish(message, laneOf(lanes, message.context)) })),
    ...flights.map((flight) => ({ at: flight.at, place: () => paper.arrive(flight) })),
    ...busy.map(({ context, since }) => ({ at: since, place: () => paper.begin(laneOf(lanes, context)) })),
    ...lines.map((line) => ({ at: line.at, place: () => paper.rule(line) })),
  ];
  for (const { at, place } of moments.sort((a, b) => a.at - b.at)) {
    paper.waitUntil(at);
    place();
  }
  return paper.finish(lanes);
}

/**
 * A message on its way to one context: with what it `starts`, when it gets there, and what it `meets` there that comes of it at
 * once.
 */
type Flight = Omit<Arrow, "y1" | "y2"> & { at: number; meets: string | null; starts: string };

function lanesOf(messages: readonly Message[], first: readonly string[]): string[] {
  const all = [
    ...messages.slice(0, 1).map(({ context }) => context),
    ...first,
    ...messages.map(({ context }) => context),
    ...messages.flatMap(({ dialogue }) => dialogue?.with ?? []),
    ...messages.flatMap(({ fact }) => fact.deliveries?.map(({ context }) => context) ?? []),
  ];
  return [...new Set(all)].filter((context) => context !== "chronicle"); // which hears everything, and takes no part
}

function laneOf(lanes: readonly string[], context: string): number | null {
  const lane = lanes.indexOf(context);
  return lane < 0 ? null : lane;
}

/** Work that took no longer than `atOnce` is not drawn: the message ends where what came of it begins. */
function flightsOf(message: Message, all: readonly Message[], lanes: readonly string[], atOnce: number): Flight[] {
  const from = laneOf(lanes, message.context);
  if (from === null) {
    return [];
  }
  const flights: Flight[] = [];
  for (const delivery of message.fact.deliveries ?? []) {
    const to = laneOf(lanes, delivery.context);
    if (to !== null) {
      flights.push(delivered(message, delivery, from, to, all, atOnce));
    }
  }
  const partner = message.dialogue === null ? null : laneOf(lanes, message.dialogue.with);
  return partner === null ? flights : [...flights, ...said(message, from, partner)];
}

/** The command or the answer that a message tells of, and the command to undo that the answer is to. */
function said(message: Message, own: number, partner: number): Flight[] {
  const { id, manner, dialogue, at } = message;
  const flight = { message: id, manner, state: null, implied: false, attempts: 1, error: null, at, leads: [] };
  if (dialogue?.kind === "command") {
    return [{ ...flight, kind: "command", from: own, to: partner, starts: id, meets: null }];
  }
  const answer: Flight = { ...flight, kind: "answer", from: partner, to: own, starts: id, meets: id };
  if (manner !== "undoes" || message.cause === null) {
    return [answer];
  }
  return [
    { ...flight, kind: "command", from: own, to: partner, starts: message.cause, meets: null, at: message.causedAt },
    answer,
  ];
}

function delivered(
  message: Message,
  delivery: Delivery,
  from: number,
  to: number,
  all: readonly Message[],
  atOnce: number,
): Flight {
  const results = all.filter(({ cause, told, context }) => told && cause === message.id && context === delivery.context);
  // What came of it was committed with it at the earliest, so that it arrived no later, and no earlier than it was published.
  const latest = Math.min(...results.map(({ at }) => at));
  const said = delivery.at ? Date.parse(delivery.at) : Number.isFinite(latest) ? latest : message.at;
  const at = Math.max(message.at, Math.min(said, latest));
  const meets = latest - at <= atOnce ? results.find((result) => result.at === latest)?.id : undefined;
  return {
    message: message.id,
    from,
    to,
    kind: "fact",
    manner: message.manner,
    state: delivery.state,
    implied: delivery.state === "UNKNOWN" && results.length > 0,
    attempts: delivery.attempts ?? 1,
    error: delivery.error ?? null,
    at: meets === undefined ? at : latest,
    leads: results.map(({ id }) => id),
    starts: message.id,
    meets: meets ?? null,
  };
}

/** Lengths of time that a square can stand for. */
const scales = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];

/** The scale on which messages that follow each other are two squares apart, as often more as less. */
function scaleOf(messages: readonly Message[]): number {
  const gaps = messages
    .slice(1)
    .map(({ at }, i) => at - (messages[i]?.at ?? at))
    .filter((gap) => gap > 0)
    .sort((a, b) => a - b);
  const middle = gaps[gaps.length >> 1] ?? 2;
  return scales.find((scale) => scale * 2 >= middle) ?? 3_600_000;
}

/** Squared paper that is filled from top to bottom. */
class Paper {
  private y = 0;
  private now: number | null = null;
  /** Above this there is no room for a message's name. */
  private free = apart;
  private readonly ys = new Map<string, number>();
  private readonly flights: (Flight & { y: number })[] = [];
  private readonly begun: { lane: number; y: number }[] = [];
  private readonly rows: Row[] = [];
  private readonly cuts: Cut[] = [];
  private readonly lines: Line[] = [];

  constructor(private readonly msPerSquare: number) {}

  waitUntil(at: number) {
    const ms = this.now === null ? 0 : at - this.now;
    this.now = at;
    const drawn = (ms / this.msPerSquare) * square;
    if (drawn > longest) {
      this.cuts.push({ y: this.y + longest / 2, ms });
    }
    this.y += Math.min(drawn, longest);
  }

  publish(message: Message, lane: number | null) {
    this.down(this.free);
    this.rows.push({ message, lane, y: this.y });
    this.ys.set(message.id, this.y);
    this.free = this.y + apart;
  }

  arrive(flight: Flight) {
    const met = this.ys.get(flight.meets ?? "");
    if (met === undefined) {
      this.down((this.ys.get(flight.starts) ?? this.y) + fall);
    }
    this.flights.push({ ...flight, y: met ?? this.y });
    if (isTrouble(flight.state)) {
      this.free = Math.max(this.free, this.y + apart + square); // which says what is wrong, below its end
    }
  }

  begin(lane: number | null) {
    if (lane !== null) {
      this.begun.push({ lane, y: this.y });
    }
  }

  rule(line: Omit<Line, "y">) {
    this.down(this.free);
    this.lines.push({ ...line, y: this.y });
    this.free = this.y + apart;
  }

  finish(lanes: string[]): Layout {
    const bars = [...this.worked(), ...this.asked(), ...this.working()];
    const { rows, cuts, lines, msPerSquare } = this;
    return {
      lanes,
      rows,
      arrows: this.flights.map((flight) => this.arrow(flight)),
      bars,
      cuts,
      lines,
      height: this.free,
      msPerSquare,
    };
  }

  private down(to: number) {
    this.y = Math.max(this.y, to);
  }

  private arrow({ at: _, meets: __, starts, y, ...flight }: Flight & { y: number }): Arrow {
    const published = this.ys.get(starts) ?? y;
    return { ...flight, y1: flight.kind === "answer" ? published - fall : published, y2: y };
  }

  /** From the arrival of a message to the last that came of it. */
  private worked(): Bar[] {
    return this.flights.flatMap(({ message, to, y, leads }) => {
      const y2 = Math.max(...leads.map((id) => this.ys.get(id) ?? y));
      return y2 > y ? [{ lane: to, y1: y, y2, message }] : [];
    });
  }

  /** From the arrival of a command to its answer. */
  private asked(): Bar[] {
    return this.flights.flatMap((answer, i) => {
      if (answer.kind !== "answer") {
        return [];
      }
      const before = this.flights.slice(0, i);
      const command = before.findLast(({ kind, to }) => kind === "command" && to === answer.from);
      return command === undefined ? [] : [{ lane: answer.from, y1: command.y, y2: answer.y - fall, message: answer.message }];
    });
  }

  /** Of those who are at work now. */
  private working(): Bar[] {
    const until = this.lines.find(({ what }) => what === "now")?.y;
    return until === undefined ? [] : this.begun.map(({ lane, y }) => ({ lane, y1: y, y2: until, message: "" }));
  }
}

/** Whether a delivery is such that somebody wants to know why. */
export function isTrouble(state: DeliveryState | null): boolean {
  return state === "RETRYING" || state === "PARKED" || state === "BEHIND";
}
