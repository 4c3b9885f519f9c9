package event

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// epochBits is how many facts an aggregate can have in an epoch, as a power of two; with them a sequence stays below 2^53, which
// JavaScript can count to, for 31 years of minutes.
const epochBits = 29

// InEpoch is the fact as it is published in an epoch of its context. A context whose database is restored from a backup forgets which
// sequences it has used; it goes on in a later epoch, whose sequences are all above those of the epochs before, so that no fact takes
// the place, and the id, of one that others have handled.
func (e Envelope) InEpoch(epoch int64) Envelope {
	if epoch == 0 {
		return e
	}
	e.Sequence |= epoch << epochBits
	e.ID = ID(e.Source, e.Subject, e.Sequence)
	return e
}

// Began is when the order or return began that the fact belongs to, as its id says; when the fact happened, if it belongs to none.
func (e Envelope) Began() time.Time {
	id, err := uuid.Parse(e.CorrelationID)
	if err != nil || id.Version() != 7 {
		return e.Time
	}
	return time.Unix(id.Time().UnixTime())
}

type doubtKey struct{}

// Doubting marks what is done under the returned context as in doubt: its context may have done it before, and have forgotten.
func Doubting(ctx context.Context) context.Context { return context.WithValue(ctx, doubtKey{}, true) }

// InDoubt tells whether what is done under ctx may have been done before, and been forgotten because the database was restored from a
// backup. What then has to be asked of somebody outside may have been asked already, and counts as such.
func InDoubt(ctx context.Context) bool { return ctx.Value(doubtKey{}) != nil }

type repeatKey struct{}

// Repeating marks what is done under the returned context as following from a message that was sent before the restore.
func Repeating(ctx context.Context) context.Context { return context.WithValue(ctx, repeatKey{}, true) }

// MayRepeat tells whether what is done under ctx follows from a message that may have been handled before, and have been forgotten with all
// that came after it. Who has sent it may not want any more what it asks for.
func MayRepeat(ctx context.Context) bool { return ctx.Value(repeatKey{}) != nil }
