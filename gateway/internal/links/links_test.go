package links_test

import (
	"testing"

	"quadrille.dev/gateway/internal/links"
)

func TestWhereOperatorsLook(t *testing.T) {
	for name, test := range map[string]struct {
		settings     links.Settings
		amqp         string
		inbox, trace string
	}{
		"nowhere": {},
		"both": {
			links.Settings{RabbitMQ: "http://127.0.0.1:15672", Trace: "http://127.0.0.1:16686/trace/{traceId}"},
			"amqp://gateway:secret@127.0.0.1:5672/quadrille",
			"http://127.0.0.1:15672/#/queues/quadrille/ordering.inbox", "http://127.0.0.1:16686/trace/4bf9",
		},
		"below a path, in the default virtual host": {
			links.Settings{RabbitMQ: "https://example.test/rabbit/"}, "amqp://127.0.0.1", "https://example.test/rabbit/#/queues/%2F/ordering.inbox", "",
		},
		"in a virtual host that is written otherwise": {
			links.Settings{RabbitMQ: "http://rabbit"}, "amqp://127.0.0.1/a%2Fb", "http://rabbit/#/queues/a%2Fb/ordering.inbox", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.settings.Validate(); err != nil {
				t.Error(err)
			}
			made := links.New(test.settings, test.amqp)
			if got := text(made.Inbox("ordering")); got != test.inbox {
				t.Errorf("inbox is at %q, want %q", got, test.inbox)
			}
			if got := text(made.Trace("4bf9")); got != test.trace {
				t.Errorf("trace is at %q, want %q", got, test.trace)
			}
			if made.Trace("") != nil {
				t.Error("a fact without a trace has an address of one")
			}
		})
	}
}

func text(address *string) string {
	if address == nil {
		return ""
	}
	return *address
}

func TestAddressesThatCannotWork(t *testing.T) {
	for _, settings := range []links.Settings{
		{RabbitMQ: "127.0.0.1:15672"},
		{RabbitMQ: "javascript:alert(1)"},
		{Trace: "http://127.0.0.1:16686/trace/"},
		{Trace: "{traceId}"},
	} {
		if settings.Validate() == nil {
			t.Errorf("%+v is taken", settings)
		}
	}
}
