// Package edge is where HTTP ends: transports, authentication, limits, and what clients are told when something goes wrong.
package edge

import (
	"log/slog"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/ast"

	"quadrille.dev/gateway/internal/degraded"
	"quadrille.dev/gateway/internal/ending"
	"quadrille.dev/platform/serve"
)

// documents is how many bytes of documents are kept parsed.
const documents = 1 << 20

// GraphQL serves a schema to whoever verifier knows, and to anonymous clients.
func GraphQL(
	schema graphql.ExecutableSchema, verifier *serve.Verifier, config Config, streams *Streams, log *slog.Logger,
	metrics prometheus.Registerer,
) (http.Handler, error) {
	trusted, err := loadTrusted(config.TrustedDocumentsFile)
	if err != nil {
		return nil, err
	}
	authenticator := authenticator{verifier}
	server := handler.New(schema)
	server.AddTransport(sockets{streams, authenticator, config.MaxBody})
	server.AddTransport(sharedStreams{streams})
	server.AddTransport(eventStreams{streams})
	server.AddTransport(overHTTP{log, config.BatchLimit})
	parsed := newTexts(documents, func(text string, _ *ast.QueryDocument) int { return len(text) })
	server.SetQueryCache(parsed)
	server.SetParserTokenLimit(config.MaxTokens)
	server.Use(newRates(config))
	server.Use(shapes{config, parsed})
	server.Use(newPersisted(config.TrustedDocuments, trusted, log))
	if config.Production {
		server.SetDisableSuggestion(true)
		server.SetValidationRulesFn(guarded)
	} else {
		server.Use(extension.Introspection{})
	}
	server.Use(undeferring{})
	server.Use(&costs{limit: config.MaxCost})
	server.Use(ending.Extension{})
	server.Use(newObserver(metrics))
	server.Use(degraded.Extension{})
	server.SetErrorPresenter(present(log))
	server.SetRecoverFunc(recovered(log))
	served := addressed(config.Proxies, authenticator.wrap(limited(config, server)))
	return sites{config.CORSOrigins, config.CSRFPrevention}.wrap(served), nil
}
