import { type DocumentNode, Kind, parse } from "graphql";

interface Request {
  query: string;
  operationName?: string | null;
}

/**
 * A request as its query is written. GraphiQL reads which operation there is a moment after the text has changed, and would send, meanwhile,
 * the name of the operation that was there before; where only one operation is written, that is meant.
 */
export function asWritten<R extends Request>(request: R): { request: R; document: DocumentNode | undefined } {
  const document = parsed(request.query);
  const operations = document?.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION) ?? [];
  const [only] = operations;
  if (!only || operations.length > 1) {
    return { request, document };
  }
  return { request: { ...request, operationName: only.name?.value }, document };
}

/** The document, if it can be parsed: the gateway says what is wrong with it. */
function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query);
  } catch {
    return undefined;
  }
}
