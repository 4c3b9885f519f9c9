import { explorerPlugin } from "@graphiql/plugin-explorer";
import { type GraphiQLPlugin, useGraphiQL } from "@graphiql/react";
import { useEffect, useRef } from "react";

const plugin = explorerPlugin({ showAttribution: false });
const Content = plugin.content;

/** Builds operations by ticking fields. Its one control without a name is given one. */
export const explorer: GraphiQLPlugin = { ...plugin, content: Explorer };

function Explorer() {
  const place = useRef<HTMLDivElement>(null);
  const schema = useGraphiQL((state) => state.schema);
  // biome-ignore lint/correctness/useExhaustiveDependencies: without a schema the control is not there yet.
  useEffect(() => {
    place.current?.querySelector("select")?.setAttribute("aria-label", "Kind of operation to add");
  }, [schema]);
  return (
    <div ref={place}>
      <Content />
    </div>
  );
}
