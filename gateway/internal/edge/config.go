package edge

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Config is what the edge reads from the gateway's environment.
type Config struct {
	// Production hides what helps only those who develop against the API: introspection, and suggestions in errors.
	Production bool `env:"PRODUCTION"`
	Streams    StreamSettings

	// BatchLimit is how many requests may come in one; 0 if they come one at a time.
	BatchLimit int `env:"BATCH_LIMIT"`
	// TrustedDocuments is off, prefer or only: whether others than the documents of known clients are logged, and whether they are served.
	TrustedDocuments string `env:"TRUSTED_DOCUMENTS" envDefault:"off"`
	// TrustedDocumentsFile is a JSON object of documents by id; without it, there are those of the repository's own clients.
	TrustedDocumentsFile string `env:"TRUSTED_DOCUMENTS_FILE"`

	// CORSOrigins are the sites beside the gateway's own whose pages may use the API: https://shop.example
	CORSOrigins []string `env:"CORS_ORIGINS"`
	// CSRFPrevention is browsers or always: whether GET needs a header that makes a browser ask first when it may be sent for another
	// site's page, or from everybody.
	CSRFPrevention string `env:"CSRF_PREVENTION" envDefault:"browsers"`

	// MaxBody is how many bytes a request's body may have.
	MaxBody int64 `env:"MAX_BODY" envDefault:"1048576"`
	// MaxDocument is how many bytes a document may have.
	MaxDocument int `env:"MAX_DOCUMENT" envDefault:"65536"`
	// MaxTokens, MaxDepth and MaxAliases bound a document; fragments count wherever they are spread.
	MaxTokens  int `env:"MAX_TOKENS" envDefault:"2000"`
	MaxDepth   int `env:"MAX_DEPTH" envDefault:"15"`
	MaxAliases int `env:"MAX_ALIASES" envDefault:"50"`
	// MaxCost bounds what an operation costs in fields, and what it costs in types.
	MaxCost float64 `env:"MAX_COST" envDefault:"10000"`

	// RateLimit is how many operations a customer, or an address that nobody has signed in from, may begin in a second, and RateBurst
	// how many at once after a rest. OperatorRateLimit and OperatorRateBurst are an operator's. A limit of 0 is none.
	RateLimit         float64 `env:"RATE_LIMIT" envDefault:"200"`
	RateBurst         int     `env:"RATE_BURST" envDefault:"1000"`
	OperatorRateLimit float64 `env:"OPERATOR_RATE_LIMIT" envDefault:"1000"`
	OperatorRateBurst int     `env:"OPERATOR_RATE_BURST" envDefault:"5000"`
	// Proxies is how many proxies in front of the gateway add the address that they were called from to X-Forwarded-For.
	Proxies int `env:"PROXIES"`

	// HeaderWithin and BodyWithin are how long a client may take to send a request's header and its body, TakeWithin how long it may
	// take nothing of what it is sent, and IdleFor how long a connection is kept without a request.
	HeaderWithin time.Duration `env:"HEADER_WITHIN" envDefault:"5s"`
	BodyWithin   time.Duration `env:"BODY_WITHIN" envDefault:"10s"`
	TakeWithin   time.Duration `env:"TAKE_WITHIN" envDefault:"30s"`
	IdleFor      time.Duration `env:"IDLE_FOR" envDefault:"2m"`
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var wrong []error
	for name, value := range map[string]float64{
		"MAX_BODY": float64(c.MaxBody), "MAX_DOCUMENT": float64(c.MaxDocument), "MAX_TOKENS": float64(c.MaxTokens), "MAX_DEPTH": float64(c.MaxDepth), "MAX_COST": c.MaxCost,
		"RATE_BURST": float64(c.RateBurst), "OPERATOR_RATE_BURST": float64(c.OperatorRateBurst),
		"HEADER_WITHIN": float64(c.HeaderWithin), "BODY_WITHIN": float64(c.BodyWithin), "TAKE_WITHIN": float64(c.TakeWithin),
		"IDLE_FOR": float64(c.IdleFor),
	} {
		if value <= 0 {
			wrong = append(wrong, fmt.Errorf("%s is not above 0", name))
		}
	}
	for name, value := range map[string]float64{
		"MAX_ALIASES": float64(c.MaxAliases), "RATE_LIMIT": c.RateLimit, "OPERATOR_RATE_LIMIT": c.OperatorRateLimit, "PROXIES": float64(c.Proxies),
		"BATCH_LIMIT": float64(c.BatchLimit),
	} {
		if value < 0 {
			wrong = append(wrong, fmt.Errorf("%s is below 0", name))
		}
	}
	for _, origin := range c.CORSOrigins {
		if !isOrigin(origin) {
			wrong = append(wrong, fmt.Errorf("CORS_ORIGINS: %q is not of the form https://shop.example", origin))
		}
	}
	if !slices.Contains([]string{trustOff, trustPrefer, trustOnly}, c.TrustedDocuments) {
		wrong = append(wrong, fmt.Errorf("TRUSTED_DOCUMENTS %q is none of off, prefer, only", c.TrustedDocuments))
	}
	if c.CSRFPrevention != preventBrowsers && c.CSRFPrevention != preventAlways {
		wrong = append(wrong, fmt.Errorf("CSRF_PREVENTION %q is neither browsers nor always", c.CSRFPrevention))
	}
	return errors.Join(append(wrong, c.Streams.Validate())...)
}
