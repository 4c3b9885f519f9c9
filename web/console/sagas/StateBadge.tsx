import { Badge } from "../../shared/ui";
import type { SagaState } from "../gql/graphql";
import { stateTones, stateWords } from "./state";

/** How a saga stands. */
export function StateBadge({ state }: { state: SagaState }) {
  return <Badge tone={stateTones[state]}>{stateWords[state]}</Badge>;
}
