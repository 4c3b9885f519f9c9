package serve_test

import (
	"strings"
	"testing"
	"time"

	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/serve"
)

func TestHandledMessagesMayNotBeForgottenTooEarly(t *testing.T) {
	for keptFor, want := range map[time.Duration]bool{0: true, inbox.KeptFor: true, 2 * inbox.KeptFor: true, inbox.KeptFor - 1: false} {
		err := serve.Config{Credential: "inventory:secret", InboxKeptFor: keptFor}.Validate()
		if refused := err != nil && strings.Contains(err.Error(), "INBOX_KEPT_FOR"); refused == want {
			t.Errorf("%s: %v", keptFor, err)
		}
	}
}

func TestTheConsoleIsSomewhereOrNowhere(t *testing.T) {
	for console, want := range map[string]bool{"": true, "https://shop.example/console": true, "shop.example/console": false, "/console": false} {
		err := serve.Config{Credential: "inventory:secret", ConsoleURL: console}.Validate()
		if refused := err != nil && strings.Contains(err.Error(), "CONSOLE_URL"); refused == want {
			t.Errorf("%q: %v", console, err)
		}
	}
}
