package ending_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"quadrille.dev/gateway/internal/ending"
	"quadrille.dev/gateway/internal/fault"
)

// A subscription ends with its viewer's token or with the gateway, whichever comes first, and says which.
func TestASubscriptionEndsWithItsTokenOrTheGateway(t *testing.T) {
	for _, c := range []struct {
		name    string
		expires time.Duration
		stops   time.Duration
		after   time.Duration
		because fault.Code
	}{
		{"the token expires", time.Minute, time.Hour, time.Minute, fault.Unauthenticated},
		{"the gateway stops", time.Hour, time.Minute, time.Minute, fault.GatewayRestarting},
		{"nobody is signed in", 0, time.Minute, time.Minute, fault.GatewayRestarting},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stopping, stop := context.WithTimeout(t.Context(), c.stops)
				defer stop()
				asked, leave := context.WithCancel(ending.With(t.Context(), stopping))
				defer leave()
				begun, expires := time.Now(), time.Time{}
				if c.expires > 0 {
					expires = begun.Add(c.expires)
				}
				until := ending.Until(asked, expires)
				<-until.Done()
				var because *fault.Error
				if !errors.As(context.Cause(until), &because) || because.Code != c.because || time.Since(begun) != c.after {
					t.Errorf("after %s because of %v", time.Since(begun), context.Cause(until))
				}
			})
		})
	}
}

// What waits for a subscription's end goes with its viewer: the bubble would not end otherwise.
func TestNothingWaitsForTheEndOfASubscriptionThatWasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, leave := context.WithCancel(ending.With(t.Context(), t.Context()))
		until := ending.Until(asked, time.Now().Add(time.Hour))
		leave()
		<-until.Done()
		if !errors.Is(context.Cause(until), context.Canceled) {
			t.Errorf("because of %v", context.Cause(until))
		}
	})
}
