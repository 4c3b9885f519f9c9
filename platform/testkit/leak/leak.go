// Package leak fails the tests of a package that leave goroutines behind.
package leak

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"
)

// Main is the TestMain of a package that starts goroutines: it exits as the tests do, or fails when something that they began still goes
// on after them. What may go on, and why, is justified beside each call. Connections that are kept for the next request are closed first.
func Main(m *testing.M, justified ...goleak.Option) {
	goleak.VerifyTestMain(closing{m}, justified...)
}

type closing struct{ *testing.M }

func (c closing) Run() int {
	defer http.DefaultClient.CloseIdleConnections()
	return c.M.Run()
}
