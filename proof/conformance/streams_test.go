package conformance

import "testing"

// graphQLOverWebSockets has the client of graphql-transport-ws's authors follow sagas, over reconnects too.
func graphQLOverWebSockets(t *testing.T) {
	t.Parallel()
	runScript(t, "ws.js", quadrille.URL("gateway")+"/graphql", sell(t, 100))
}

// graphQLOverServerSentEvents does the same with the client of graphql-sse's authors, in both of its modes, and with an EventSource.
func graphQLOverServerSentEvents(t *testing.T) {
	t.Parallel()
	runScript(t, "sse.js", quadrille.URL("gateway")+"/graphql", sell(t, 100))
}
