package serve

import (
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
)

// Config is what every context reads from its environment.
type Config struct {
	// Listen is host and port of the HTTP server, for RPC, health and metrics.
	Listen      string `env:"LISTEN" envDefault:"127.0.0.1:0"`
	DatabaseURL string `env:"DATABASE_URL,required"`
	// PlansOnce is set by a context that looks for rows by keys alone; see postgres.PlansOnce.
	PlansOnce bool
	AMQPURL   string `env:"AMQP_URL,required"`
	// ManagementURL is the broker's management API, by which relays see whether all bindings are there. Without it they
	// trust that they are.
	ManagementURL string `env:"RABBITMQ_MANAGEMENT_URL"`
	// ConsoleURL is that of the operator console, which people who look into RabbitMQ are pointed to; empty if there is none.
	ConsoleURL string `env:"CONSOLE_URL"`
	// JWKSURL is where the keys are that verify tokens.
	JWKSURL string `env:"JWKS_URL,required"`
	// JWKSCache is a file in which these keys outlive a restart while nobody answers there; empty for none.
	JWKSCache     string `env:"JWKS_CACHE"`
	TokenIssuer   string `env:"TOKEN_ISSUER" envDefault:"https://quadrille.dev"`
	TokenAudience string `env:"TOKEN_AUDIENCE" envDefault:"quadrille"`
	// TokenAlgorithms are those by which tokens may be signed; EdDSA unless set.
	TokenAlgorithms []string `env:"TOKEN_ALGORITHMS" envDefault:"EdDSA"`
	// Credential is this service's own, "name:secret", sent on calls without a user.
	Credential string `env:"SERVICE_CREDENTIAL,required"`
	// TrustedServices are the services that may call without a user: name to hexadecimal SHA-256 of the secret.
	TrustedServices map[string]string `env:"TRUSTED_SERVICES"`
	// RelayOwnership is how long a relay that has gone silent keeps its share of the outbox from the relays of other instances.
	RelayOwnership time.Duration `env:"RELAY_OWNERSHIP" envDefault:"30s"`
	// InboxKeptFor is how long it is remembered which messages were handled; 30 days, and no less, unless set.
	InboxKeptFor time.Duration `env:"INBOX_KEPT_FOR" envDefault:"720h"`
	// AuditKeptFor is how long it is kept what operators did; two years unless set, and no less than messages are remembered.
	AuditKeptFor time.Duration `env:"AUDIT_KEPT_FOR" envDefault:"17520h"`
	// PruneRowsPerSecond bounds how fast old rows are removed; 1,000 unless set.
	PruneRowsPerSecond int `env:"PRUNE_ROWS_PER_SECOND" envDefault:"1000"`
	// LogLevel is DEBUG, INFO, WARN or ERROR.
	LogLevel slog.Level `env:"LOG_LEVEL" envDefault:"INFO"`
	// LogFormat is json or text.
	LogFormat string `env:"LOG_FORMAT" envDefault:"json"`
}

// sessions says how those of the database are.
func (c Config) sessions() []postgres.Option {
	if c.PlansOnce {
		return []postgres.Option{postgres.PlansOnce}
	}
	return nil
}

// page is the URL of the page about a context in the operator console; empty if there is none.
func (c Config) page(name string) string {
	if c.ConsoleURL == "" {
		return ""
	}
	return strings.TrimSuffix(c.ConsoleURL, "/") + "/contexts/" + name
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var wrong []error
	if name, secret, _ := strings.Cut(c.Credential, ":"); name == "" || secret == "" {
		wrong = append(wrong, errors.New("SERVICE_CREDENTIAL is not name:secret"))
	}
	if err := CheckAlgorithms(c.TokenAlgorithms); err != nil {
		wrong = append(wrong, err)
	}
	for name, sum := range c.TrustedServices {
		if digest, err := hex.DecodeString(sum); err != nil || len(digest) != 32 {
			wrong = append(wrong, fmt.Errorf("TRUSTED_SERVICES: %q has no hexadecimal SHA-256", name))
		}
	}
	if c.RelayOwnership != 0 && c.RelayOwnership < outbox.LeastOwnership {
		wrong = append(wrong, fmt.Errorf("RELAY_OWNERSHIP is shorter than %s", outbox.LeastOwnership))
	}
	if c.InboxKeptFor != 0 && c.InboxKeptFor < inbox.KeptFor {
		wrong = append(wrong, fmt.Errorf("INBOX_KEPT_FOR is below %s: a message that comes again after that would be handled again", inbox.KeptFor))
	}
	if c.AuditKeptFor != 0 && c.AuditKeptFor < inbox.KeptFor {
		wrong = append(wrong, fmt.Errorf("AUDIT_KEPT_FOR is below %s", inbox.KeptFor))
	}
	if console, err := url.Parse(c.ConsoleURL); c.ConsoleURL != "" && (err != nil || console.Scheme == "" || console.Host == "") {
		wrong = append(wrong, fmt.Errorf("CONSOLE_URL %q is no URL such as https://shop.example/console", c.ConsoleURL))
	}
	if c.PruneRowsPerSecond < 0 {
		wrong = append(wrong, errors.New("PRUNE_ROWS_PER_SECOND is negative"))
	}
	if c.LogFormat != "json" && c.LogFormat != "text" && c.LogFormat != "" {
		wrong = append(wrong, fmt.Errorf("LOG_FORMAT %q is neither json nor text", c.LogFormat))
	}
	return errors.Join(wrong...)
}
