import { pick, useGraphiQL } from "@graphiql/react";

/**
 * Whether GraphiQL's editors are there. They are loaded apart, and until then they begin with what the first tab has, whichever is
 * chosen meanwhile.
 */
export function useLoaded(): boolean {
  const editors = useGraphiQL(pick("queryEditor", "variableEditor", "headerEditor", "responseEditor"));
  return Object.values(editors).every((editor) => editor !== undefined);
}
