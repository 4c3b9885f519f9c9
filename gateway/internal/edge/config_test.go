package edge

import (
	"strings"
	"testing"

	"github.com/caarlos0/env/v11"
)

func TestConfigThatIsWrong(t *testing.T) {
	defaults, err := env.ParseAsWithOptions[Config](env.Options{Environment: map[string]string{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := defaults.Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	for setting, good := range map[string]bool{
		"MAX_BODY=0": false, "MAX_DOCUMENT=0": false, "MAX_TOKENS=-1": false, "MAX_DEPTH=0": false, "MAX_ALIASES=0": true, "MAX_ALIASES=-1": false,
		"MAX_COST=0": false, "RATE_LIMIT=0": true, "RATE_LIMIT=-1": false, "RATE_BURST=0": false, "PROXIES=-1": false, "IDLE_FOR=0s": false,
		"BATCH_LIMIT=-1": false, "BATCH_LIMIT=5": true,
		"TRUSTED_DOCUMENTS=only": true, "TRUSTED_DOCUMENTS=yes": false, "CSRF_PREVENTION=always": true, "CSRF_PREVENTION=off": false,
		"CORS_ORIGINS=https://shop.example,http://127.0.0.1:3000": true, "CORS_ORIGINS=*": false, "CORS_ORIGINS=shop.example": false,
		"CORS_ORIGINS=https://shop.example/": false, "CORS_ORIGINS=ftp://shop.example": false,
	} {
		name, value, _ := strings.Cut(setting, "=")
		config, err := env.ParseAsWithOptions[Config](env.Options{Environment: map[string]string{name: value}})
		if err != nil {
			t.Fatal(err)
		}
		if err := config.Validate(); (err == nil) != good || err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", setting, err)
		}
	}
}
