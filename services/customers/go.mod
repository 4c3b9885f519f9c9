module quadrille.dev/services/customers

go 1.26.8

require (
	github.com/google/uuid v1.6.0
	golang.org/x/text v0.43.0
	quadrille.dev/platform v0.0.0
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	go.opentelemetry.io/otel v1.47.0 // indirect
	go.opentelemetry.io/otel/trace v1.47.0 // indirect
)

replace (
	quadrille.dev/platform => ../../platform
	quadrille.dev/schema => ../../schema
)
