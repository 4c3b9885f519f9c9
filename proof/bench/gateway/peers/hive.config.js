// Hive Gateway. What callers send as Authorization goes to all subgraphs.
import { defineConfig } from '@graphql-hive/gateway'

export const gatewayConfig = defineConfig({
  logging: 'warn',
  propagateHeaders: {
    fromClientToSubgraphs({ request }) {
      const authorization = request.headers.get('authorization')
      return authorization ? { authorization } : {}
    },
  },
})
