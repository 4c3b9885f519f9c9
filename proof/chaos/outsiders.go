package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// callTimeout is how long billing and fulfillment wait for an answer of the provider or the carrier.
const callTimeout = 5 * time.Second

// hang freezes a sandbox for longer than anyone waits for it.
func (t *Trial) hang(ctx context.Context, fault Fault) error {
	if err := t.Pause(fault.Target); err != nil {
		return err
	}
	return errors.Join(sleep(ctx, callTimeout+fault.Hold), t.Resume(fault.Target), t.AwaitProgram(ctx, fault.Target))
}

// loseAnswers has a sandbox do the next things that it is asked for, and never say so.
func (t *Trial) loseAnswers(ctx context.Context, fault Fault) error {
	address := fmt.Sprintf("%s/sandbox/lost-answers?next=%d", t.URL(fault.Target), fault.Count)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("POST %s: %s", address, response.Status)
	}
	return nil
}
