// Package links knows where operators look at what is not the gateway's: queues in the RabbitMQ management console, and traces.
package links

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"quadrille.dev/platform/rabbit"
)

// traceID stands for the id in the address of a trace.
const traceID = "{traceId}"

// Settings say where that is; what is empty is nowhere.
type Settings struct {
	// RabbitMQ is the base URL of the management console, as browsers reach it.
	RabbitMQ string `env:"RABBITMQ_CONSOLE_URL"`
	// Trace is the URL of a trace, with {traceId} for its id.
	Trace string `env:"TRACE_URL"`
}

// Validate tells what cannot work.
func (s Settings) Validate() error {
	var wrong []error
	if s.RabbitMQ != "" && !absolute(s.RabbitMQ) {
		wrong = append(wrong, fmt.Errorf("RABBITMQ_CONSOLE_URL %q is no http or https URL", s.RabbitMQ))
	}
	if s.Trace != "" && (!absolute(s.Trace) || !strings.Contains(s.Trace, traceID)) {
		wrong = append(wrong, fmt.Errorf("TRACE_URL %q is no http or https URL with %s", s.Trace, traceID))
	}
	return errors.Join(wrong...)
}

func absolute(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != ""
}

// Links are the addresses.
type Links struct{ queues, trace string }

// New makes addresses of queues in the virtual host that an AMQP URL names, and of traces.
func New(settings Settings, amqpURL string) Links {
	links := Links{trace: settings.Trace}
	if settings.RabbitMQ != "" {
		links.queues = strings.TrimSuffix(settings.RabbitMQ, "/") + "/#/queues/" + url.PathEscape(virtualHost(amqpURL)) + "/"
	}
	return links
}

// virtualHost is the default one unless the URL names another.
func virtualHost(amqpURL string) string {
	if parsed, err := url.Parse(amqpURL); err == nil && len(parsed.Path) > 1 {
		return parsed.Path[1:]
	}
	return "/"
}

// Inbox is the address of a context's inbox queue; nil if there is no console.
func (l Links) Inbox(context string) *string {
	if l.queues == "" {
		return nil
	}
	return new(l.queues + url.PathEscape(rabbit.InboxQueue(context)))
}

// Trace is the address of a trace; nil if it has no id, or traces are looked at nowhere.
func (l Links) Trace(id string) *string {
	if l.trace == "" || id == "" {
		return nil
	}
	return new(strings.ReplaceAll(l.trace, traceID, id))
}
