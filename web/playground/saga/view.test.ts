import { expect, test } from "vitest";

import type { HappeningFragment, StandingFragment } from "../gql/graphql";
import { type Change, parts, tell, unheard } from "./view";

const fact = (id: string): HappeningFragment => ({
  __typename: "Fact",
  id,
  type: "ordering.order.placed",
  context: "ordering",
  occurredAt: "2026-11-26T04:00:00Z",
  summary: id,
});
const saga = (state: StandingFragment["state"]): StandingFragment => ({
  __typename: "Saga",
  id: "s",
  state,
  waitingFor: [],
  nextAction: null,
  steps: [],
});
const order = { id: "o", number: "Q-1" };
const change = (sequence: number, state: StandingFragment["state"]): Change => ({
  sequence,
  fact: fact(`f${sequence}`),
  order,
  saga: saga(state),
});

test("facts are kept in order of arrival", () => {
  const view = [change(1, "RUNNING"), change(2, "COMPLETED")].reduce(tell, unheard);
  expect(view).toEqual({ order, saga: saga("COMPLETED"), facts: [fact("f1"), fact("f2")], sequence: 2 });
});

test("what is told again changes nothing", () => {
  const view = [change(1, "RUNNING"), change(2, "COMPLETED")].reduce(tell, unheard);
  expect(tell(view, change(1, "RUNNING"))).toEqual(view);
});

test("the present state is no fact, and facts after it still count", () => {
  const present: Change = { sequence: 0, fact: null, order, saga: null };
  const view = [present, change(1, "RUNNING")].reduce(tell, unheard);
  expect(view.facts).toEqual([fact("f1")]);
});

test("while a context is away, what it said last stands", () => {
  const view = tell(tell(unheard, change(1, "RUNNING")), { sequence: 2, fact: fact("f2"), order: null, saga: null });
  expect(view).toEqual({ order, saga: saga("RUNNING"), facts: [fact("f1"), fact("f2")], sequence: 2 });
});

test("steps are by context, in the order of the process", () => {
  const step = (context: string, name: string) => ({ __typename: "SagaStep" as const, context, name, state: "DONE" as const });
  expect(parts([step("ordering", "place"), step("inventory", "reserve"), step("ordering", "fulfil")])).toEqual([
    { context: "ordering", steps: [step("ordering", "place"), step("ordering", "fulfil")] },
    { context: "inventory", steps: [step("inventory", "reserve")] },
  ]);
});
