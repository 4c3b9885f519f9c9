package gateway

import (
	"strings"
	"testing"
	"time"

	"github.com/caarlos0/env/v11"

	"quadrille.dev/gateway/internal/cache"
)

// environment is the least that the gateway must be told.
func environment() map[string]string {
	environment := map[string]string{
		"AMQP_URL": "amqp://127.0.0.1", "JWKS_URL": "http://127.0.0.1/keys", "SERVICE_CREDENTIAL": "gateway:secret",
	}
	for _, context := range []string{"CATALOG", "CUSTOMERS", "PRICING", "INVENTORY", "ORDERING", "BILLING", "FULFILLMENT", "CHRONICLE"} {
		environment[context+"_URL"] = "http://" + strings.ToLower(context)
	}
	return environment
}

func TestConfigIsReadFromTheEnvironment(t *testing.T) {
	environment := environment()
	config, err := env.ParseAsWithOptions[Config](env.Options{Environment: environment})
	if err != nil {
		t.Fatal(err)
	}
	if err := config.Validate(); err != nil {
		t.Error(err)
	}
	want := cache.Settings{Entries: 20_000, FreshFor: 5 * time.Minute, UnheardFor: 2 * time.Second, StaleFor: time.Hour}
	if config.Cache != want {
		t.Errorf("cache is %+v", config.Cache)
	}
	if config.Listen != "127.0.0.1:8080" || config.Chronicle != "http://chronicle" || config.Catalog != "http://catalog" {
		t.Errorf("read %+v", config)
	}
	delete(environment, "PRICING_URL")
	if _, err := env.ParseAsWithOptions[Config](env.Options{Environment: environment}); err == nil {
		t.Error("a context without an address is taken")
	}
}

func TestConfigThatIsWrong(t *testing.T) {
	right, err := env.ParseAsWithOptions[Config](env.Options{Environment: environment()})
	if err != nil {
		t.Fatal(err)
	}
	if err := right.Validate(); err != nil {
		t.Errorf("right: %v", err)
	}
	for name, spoil := range map[string]func(*Config){
		"no credential":    func(c *Config) { c.Credential = "" },
		"no secret":        func(c *Config) { c.Credential = "gateway:" },
		"unknown format":   func(c *Config) { c.LogFormat = "xml" },
		"no time for init": func(c *Config) { c.Edge.Streams.InitWithin = 0 },
		"no keep-alive":    func(c *Config) { c.Edge.Streams.KeepAlive = -time.Second },
		"no operations":    func(c *Config) { c.Edge.Streams.PerConnection = 0 },
		"no subscriptions": func(c *Config) { c.Edge.Streams.PerPrincipal = 0 },
		"a negative age":   func(c *Config) { c.Cache.StaleFor = -1 },
	} {
		config := right
		spoil(&config)
		if err := config.Validate(); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestThePlaygroundIsOffInProductionUnlessEnabled(t *testing.T) {
	for set, want := range map[string]bool{
		"": true, "PRODUCTION=false": true, "PRODUCTION=true": false, "PRODUCTION=true PLAYGROUND=true": true, "PLAYGROUND=false": false,
	} {
		environment := environment()
		for assignment := range strings.FieldsSeq(set) {
			name, value, _ := strings.Cut(assignment, "=")
			environment[name] = value
		}
		config, err := env.ParseAsWithOptions[Config](env.Options{Environment: environment})
		if err != nil {
			t.Fatal(err)
		}
		if got := config.hasPlayground(); got != want {
			t.Errorf("with %q: %t", set, got)
		}
	}
}
