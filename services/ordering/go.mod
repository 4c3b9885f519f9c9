module quadrille.dev/services/ordering

go 1.26.8

require (
	connectrpc.com/connect v1.21.1
	github.com/caarlos0/env/v11 v11.4.2
	github.com/google/go-cmp v0.7.0
	github.com/google/uuid v1.6.0
	github.com/jackc/pgx/v5 v5.12.0
	go.opentelemetry.io/otel v1.47.0
	golang.org/x/text v0.43.0
	quadrille.dev/platform v0.0.0
	quadrille.dev/schema v0.0.0
)

replace (
	quadrille.dev/platform => ../../platform
	quadrille.dev/schema => ../../schema
)
