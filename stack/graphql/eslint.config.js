// Holds the client's API against graphql-eslint's rules for schemas and for Relay. Where a rule leaves a choice it is made here; none is off.
import { readdirSync, readFileSync } from "node:fs";
import graphqlESLint from "@graphql-eslint/eslint-plugin";
import { Kind, parse } from "graphql";

const folder = "schema/graphql";

// Only what can be asked for by its id has one: a price or a page is no node.
function typesThatAreNoNodes() {
  const types = new Map();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".graphqls"))) {
    for (const { kind, name, interfaces } of parse(readFileSync(`${folder}/${file}`, "utf8")).definitions) {
      if (kind === Kind.OBJECT_TYPE_DEFINITION) {
        types.set(name.value, interfaces.some((one) => one.name.value === "Node"));
      }
    }
  }
  return [...types].filter(([, isNode]) => !isNode).map(([name]) => name);
}

export default [
  {
    files: [`${folder}/*.graphqls`],
    languageOptions: {
      parser: graphqlESLint.parser,
      parserOptions: { graphQLConfig: { schema: `${folder}/*.graphqls` } },
    },
    linterOptions: { noInlineConfig: true },
    plugins: { "@graphql-eslint": graphqlESLint },
    rules: {
      ...graphqlESLint.configs["flat/schema-recommended"].rules,
      ...graphqlESLint.configs["flat/schema-relay"].rules,
      "@graphql-eslint/relay-edge-types": [
        "error",
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
      "@graphql-eslint/strict-id-in-types": ["error", { exceptions: { types: typesThatAreNoNodes() } }],
      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          rootField: true,
          DirectiveDefinition: true,
          EnumValueDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          OperationDefinition: true,
        },
      ],
    },
  },
];
