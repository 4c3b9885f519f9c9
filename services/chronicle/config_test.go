package chronicle_test

import (
	"testing"
	"time"

	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/serve"
	"quadrille.dev/services/chronicle"
)

func TestSagasMayNotBeForgottenBeforeTheirMessagesAre(t *testing.T) {
	for _, test := range []struct {
		inbox, chronicle time.Duration
		want             bool
	}{
		{0, inbox.KeptFor, true}, {0, inbox.KeptFor - 1, false}, {2 * inbox.KeptFor, 2*inbox.KeptFor - 1, false}, {0, 0, false},
	} {
		config := chronicle.Config{
			Config: serve.Config{InboxKeptFor: test.inbox}, StuckAfter: time.Minute, KeptFor: test.chronicle,
		}
		if err := config.Validate(); (err == nil) != test.want {
			t.Errorf("%+v: %v", test, err)
		}
	}
}
