import type { ParkedGroupsQuery, ParkedQuery } from "../gql/graphql";

/** A parked message in the list. */
export type Message = NonNullable<ParkedQuery["parkedMessages"]>["nodes"][number];

/** Parked messages that failed for one reason. */
export type Group = NonNullable<ParkedGroupsQuery["parkedMessages"]>["groups"][number];
