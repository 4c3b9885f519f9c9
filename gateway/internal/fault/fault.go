// Package fault is what can go wrong in answering a client, in the client's words. Whatever is not one of these is an
// internal error, which is logged and not shown.
package fault

import "fmt"

// Code is the reason, for programs; clients find it in an error's extensions.
type Code string

// The codes that clients can meet beside those that GraphQL itself has.
const (
	Unauthenticated    Code = "UNAUTHENTICATED"
	Forbidden          Code = "FORBIDDEN"
	BadUserInput       Code = "BAD_USER_INPUT"
	OutOfRange         Code = "OUT_OF_RANGE"
	NotFound           Code = "NOT_FOUND"
	ContextUnavailable Code = "CONTEXT_UNAVAILABLE"
	Conflict           Code = "CONFLICT"
	// ComplexityLimitExceeded and RateLimited are of documents, and of clients, that ask for too much.
	ComplexityLimitExceeded Code = "COMPLEXITY_LIMIT_EXCEEDED"
	RateLimited             Code = "RATE_LIMITED"
	SubscriberTooSlow       Code = "SUBSCRIBER_TOO_SLOW"
	Subscriptions           Code = "TOO_MANY_SUBSCRIPTIONS"
	GatewayRestarting       Code = "GATEWAY_RESTARTING"
	// PersistedQueryNotFound and DocumentNotTrusted are of documents that are only named, and of such as no known client sends.
	PersistedQueryNotFound Code = "PERSISTED_QUERY_NOT_FOUND"
	DocumentNotTrusted     Code = "DOCUMENT_NOT_TRUSTED"
	// These are of requests that are not made as GraphQL over HTTP has it.
	MethodNotAllowed     Code = "METHOD_NOT_ALLOWED"
	NotAcceptable        Code = "NOT_ACCEPTABLE"
	UnsupportedMediaType Code = "UNSUPPORTED_MEDIA_TYPE"
	Internal             Code = "INTERNAL"
)

// Error is one thing that went wrong.
type Error struct {
	Code Code
	// Message is for people, and safe to show.
	Message string
	// Context is the bounded context that did not answer; empty when none is to blame.
	Context string
	// Err is the cause, for the log only.
	Err error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// NotSignedIn refuses what only somebody known may ask.
func NotSignedIn() error {
	return &Error{Code: Unauthenticated, Message: "Sign in first."}
}

// Denied refuses what somebody else may ask.
func Denied(format string, arguments ...any) error {
	return &Error{Code: Forbidden, Message: fmt.Sprintf(format, arguments...)}
}

// BadInput refuses what cannot be meant.
func BadInput(format string, arguments ...any) error {
	return &Error{Code: BadUserInput, Message: fmt.Sprintf(format, arguments...)}
}

// TooMany refuses a number that is out of bounds.
func TooMany(format string, arguments ...any) error {
	return &Error{Code: OutOfRange, Message: fmt.Sprintf(format, arguments...)}
}

// Missing tells that there is no such thing.
func Missing(format string, arguments ...any) error {
	return &Error{Code: NotFound, Message: fmt.Sprintf(format, arguments...)}
}

// Unavailable tells that a context did not answer; err says how.
func Unavailable(context string, err error) error {
	return &Error{Code: ContextUnavailable, Message: "The " + context + " context is not available. Try again later.", Context: context, Err: err}
}

// TooSlow ends a subscription whose client does not take what it is sent.
func TooSlow() error {
	return &Error{Code: SubscriberTooSlow, Message: "The subscription was ended, because its messages were not taken in time."}
}

// Crowded refuses one more subscription.
func Crowded(format string, arguments ...any) error {
	return &Error{Code: Subscriptions, Message: fmt.Sprintf(format, arguments...)}
}

// Restarting breaks a subscription off, because the gateway stops.
func Restarting() error {
	return &Error{Code: GatewayRestarting, Message: "The gateway restarts. Subscribe again, from what was heard last."}
}

// Taken refuses what can be used once at a time, and is in use.
func Taken(format string, arguments ...any) error {
	return &Error{Code: Conflict, Message: fmt.Sprintf(format, arguments...)}
}
