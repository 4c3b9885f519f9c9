// Composes the subgraphs into one supergraph, on standard output: node compose.js NAME=URL…
import { readFileSync } from 'node:fs'
import composition from '@apollo/composition'
import { parse } from 'graphql'

const services = process.argv.slice(2).map((given) => {
  const [name, url] = given.split('=')
  const sdl = readFileSync(new URL(`subgraphs/${name}.graphql`, import.meta.url), 'utf8')
  return { name, url, typeDefs: parse(sdl) }
})
const { errors, supergraphSdl } = composition.composeServices(services)
if (errors?.length) {
  for (const error of errors) console.error(error.message)
  process.exit(1)
}
process.stdout.write(supergraphSdl)
