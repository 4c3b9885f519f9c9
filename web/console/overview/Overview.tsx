import { useEffect } from "react";
import { useQuery } from "urql";

import { trouble } from "../../shared/trouble";
import { Badge, Notice, troubleText } from "../../shared/ui";
import { ContextsDocument } from "../gql/graphql";

const every = 2000;

/** How all contexts are, at present. */
export function Overview() {
  const [{ data, error }, ask] = useQuery({ query: ContextsDocument, requestPolicy: "cache-and-network" });
  useEffect(() => {
    const timer = setInterval(() => ask({ requestPolicy: "network-only" }), every);
    return () => clearInterval(timer);
  }, [ask]);
  const went = trouble(error);
  return (
    <>
      <title>Overview · Quadrille console</title>
      <h1>Overview</h1>
      {went !== null && <Notice tone="bad">{troubleText(went)}</Notice>}
      <ul>
        {data?.contexts?.map((context) => (
          <li key={context.name}>
            {context.name} <Badge tone={context.reachable ? "good" : "bad"}>{context.reachable ? "answers" : "away"}</Badge>
          </li>
        ))}
      </ul>
    </>
  );
}
