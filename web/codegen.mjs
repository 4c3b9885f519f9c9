// Writes gql/ in each room that has .graphql files: the types of its operations, and the documents as clients send them, by their
// SHA-256, of which `make generate` makes the gateway's manifest. Takes the schema from where the gateway has it.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { addTypenameSelectionDocumentTransform as addTypename, preset } from "@graphql-codegen/client-preset";
import { codegen } from "@graphql-codegen/core";
import { stringifyDocument } from "@urql/core";
import { buildASTSchema, concatAST, parse } from "graphql";

const web = import.meta.dirname;

/** The documents below a directory, one for each file that ends like this. */
function read(directory, ending) {
  return readdirSync(directory, { recursive: true })
    .filter((name) => name.endsWith(ending) && !name.includes("node_modules"))
    .sort()
    .map((name) => {
      const rawSDL = readFileSync(join(directory, name), "utf8");
      return { location: join(directory, name), rawSDL, document: parse(rawSDL) };
    });
}

const schema = concatAST(read(join(web, "../schema/graphql"), ".graphqls").map(({ document }) => document));
const schemaAst = buildASTSchema(schema);

for (const room of ["shared", "storefront", "console", "playground"]) {
  const documents = read(join(web, room), ".graphql");
  if (documents.length === 0) {
    continue;
  }
  const manifest = {};
  const files = await preset.buildGeneratesSection({
    baseOutputDir: `${join(web, room, "gql")}/`,
    schema,
    schemaAst,
    documents,
    plugins: [],
    pluginMap: {},
    documentTransforms: [{ name: "typename", transformObject: addTypename, config: {} }],
    presetConfig: {
      fragmentMasking: false,
      onExecutableDocumentNode(document) {
        const text = stringifyDocument(structuredClone(document));
        manifest[createHash("sha256").update(text).digest("hex")] = text;
      },
    },
    config: {
      useTypeImports: true,
      enumsAsTypes: true,
      strictScalars: true,
      scalars: { DateTime: "string", Decimal: "string", CountryCode: "string", CurrencyCode: "string", JSON: "string" },
    },
  });
  const types = files.find(({ filename }) => filename.endsWith("/graphql.ts"));
  mkdirSync(dirname(types.filename), { recursive: true });
  writeFileSync(types.filename, await codegen({ ...types, schemaAst }));
  writeFileSync(join(web, room, "gql/documents.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}
