package chaos

import (
	"context"
	"fmt"
	"slices"
	"time"

	"quadrille.dev/platform/rabbit"
)

// Kind is a kind of fault.
type Kind string

// The kinds of faults.
const (
	programKilled   Kind = "program killed"
	killedAtWork    Kind = "program killed with handlers at work"
	pausedTooLong   Kind = "program paused past its ownership"
	doubled         Kind = "second instance beside the first"
	takenOver       Kind = "first instance paused until a second took over"
	restarted       Kind = "program restarted in good order"
	hurried         Kind = "deadlines short for a while"
	brokerKilled    Kind = "broker frozen and killed"
	databaseKilled  Kind = "PostgreSQL killed"
	connectionsCut  Kind = "connections to the broker cut"
	sessionsCut     Kind = "sessions of the databases cut"
	diskFull        Kind = "disk alarm of the broker"
	factsDuplicated Kind = "facts published twice"
	factsLate       Kind = "facts published again late"
	outsiderKilled  Kind = "provider or carrier killed"
	outsiderHung    Kind = "provider or carrier hung"
	outsiderUnheard Kind = "answers of provider or carrier lost"
)

// lane is a set of kinds that exclude each other.
type lane int

const (
	programs lane = iota
	servers
	outside
	lanes
)

// kind says of a kind of fault what it excludes, whom it can strike, and how.
type kind struct {
	name    Kind
	lane    lane
	targets []string
	strike  func(*Trial, context.Context, Fault) error
}

var kinds = []kind{
	{programKilled, programs, anyProgram, (*Trial).kill},
	{killedAtWork, programs, hearers, (*Trial).killAtWork},
	{pausedTooLong, programs, dancers, (*Trial).pauseTooLong},
	{doubled, programs, dancers, (*Trial).double},
	{takenOver, programs, dancers, (*Trial).takeOver},
	{restarted, programs, rabbit.Contexts, (*Trial).restart},
	{hurried, programs, nil, (*Trial).hurry},
	{brokerKilled, servers, nil, (*Trial).killBroker},
	{databaseKilled, servers, nil, (*Trial).killDatabase},
	{connectionsCut, servers, nil, (*Trial).cutConnections},
	{sessionsCut, servers, nil, (*Trial).cutSessions},
	{diskFull, servers, nil, (*Trial).fillDisk},
	{factsDuplicated, servers, nil, (*Trial).duplicate},
	{factsLate, servers, nil, (*Trial).deliverLate},
	{outsiderKilled, outside, outsiders, (*Trial).kill},
	{outsiderHung, outside, outsiders, (*Trial).hang},
	{outsiderUnheard, outside, outsiders, (*Trial).loseAnswers},
}

func kindOf(name Kind) kind {
	return kinds[slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })]
}

// healing bounds how long a fault may take from its strike until what it struck works again.
const healing = 3 * time.Minute

// strike has a fault happen, and returns when what it struck works again.
func (t *Trial) strike(ctx context.Context, fault Fault) error {
	if err := sleep(ctx, fault.At); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healing)
	defer cancel()
	began := time.Now()
	if err := kindOf(fault.Kind).strike(t, ctx, fault); err != nil {
		return fmt.Errorf("%s (%s): %w", fault.Kind, fault.Target, err)
	}
	t.note(fault, time.Since(began))
	return nil
}

// sleep returns ctx's error when that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// await returns when ready answers true. What fails meanwhile, as when a server is away, is asked again until ctx ends.
func await(ctx context.Context, what string, ready func(context.Context) (bool, error)) error {
	for {
		done, err := ready(ctx)
		if err == nil && done {
			return nil
		}
		if sleep(ctx, 50*time.Millisecond) != nil {
			return fmt.Errorf("await %s: %w (%w)", what, ctx.Err(), err)
		}
	}
}
