package edge

// Config is what the edge reads from the gateway's environment.
type Config struct {
	// Production hides what helps only those who develop against the API: introspection, and suggestions in errors.
	Production bool `env:"PRODUCTION"`
}
