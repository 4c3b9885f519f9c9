package gateway

import (
	"strings"
	"testing"

	"github.com/caarlos0/env/v11"
)

func TestConfigIsReadFromTheEnvironment(t *testing.T) {
	environment := map[string]string{
		"AMQP_URL": "amqp://127.0.0.1", "JWKS_URL": "http://127.0.0.1/keys", "SERVICE_CREDENTIAL": "gateway:secret",
	}
	for _, context := range []string{"CATALOG", "CUSTOMERS", "PRICING", "INVENTORY", "ORDERING", "BILLING", "FULFILLMENT", "CHRONICLE"} {
		environment[context+"_URL"] = "http://" + strings.ToLower(context)
	}
	config, err := env.ParseAsWithOptions[Config](env.Options{Environment: environment})
	if err != nil {
		t.Fatal(err)
	}
	if err := config.Validate(); err != nil {
		t.Error(err)
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
	for name, config := range map[string]Config{
		"no credential":  {LogFormat: "json"},
		"no secret":      {LogFormat: "json", Credential: "gateway:"},
		"unknown format": {LogFormat: "xml", Credential: "gateway:secret"},
	} {
		if err := config.Validate(); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
