// Package edge is where HTTP ends: transports, authentication, limits, and what clients are told when something goes wrong.
package edge

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/ast"

	"quadrille.dev/gateway/internal/ending"
	"quadrille.dev/platform/serve"
)

// documents is how many bytes of documents are kept parsed.
const documents = 1 << 20

const (
	keepAlive     = 15 * time.Second
	connectWithin = 10 * time.Second
)

// GraphQL serves a schema to whoever verifier knows, and to anonymous clients. When stopping ends, so do its streams.
func GraphQL(
	stopping context.Context, schema graphql.ExecutableSchema, verifier *serve.Verifier, config Config, log *slog.Logger,
	metrics prometheus.Registerer,
) (http.Handler, error) {
	trusted, err := loadTrusted(config.TrustedDocumentsFile)
	if err != nil {
		return nil, err
	}
	authenticator := authenticator{verifier}
	server := handler.New(schema)
	server.AddTransport(transport.Websocket{
		InitFunc:              authenticator.connect,
		InitTimeout:           connectWithin,
		PingPongInterval:      keepAlive,
		KeepAlivePingInterval: keepAlive,
		// A dead connection shows when it is written to; a client that never answers a ping is still served.
		MissingPongOk: true,
	})
	server.AddTransport(transport.SSE{KeepAlivePingInterval: keepAlive})
	server.AddTransport(overHTTP{log, config.BatchLimit})
	parsed := newTexts(documents, func(text string, _ *ast.QueryDocument) int { return len(text) })
	server.SetQueryCache(parsed)
	server.SetParserTokenLimit(config.MaxTokens)
	server.Use(newRates(config))
	server.Use(newPersisted(config.TrustedDocuments, trusted, log))
	server.Use(shapes{config, parsed})
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
	server.SetErrorPresenter(present(log))
	server.SetRecoverFunc(recovered(log))
	served := addressed(config.Proxies, authenticator.wrap(limited(config, ended(stopping, server))))
	return sites{config.CORSOrigins, config.CSRFPrevention}.wrap(served), nil
}

// ended ends streams, which go on for ever by themselves, with stopping.
func ended(stopping context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" || strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			defer context.AfterFunc(stopping, cancel)()
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}
