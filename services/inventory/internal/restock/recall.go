package restock

import "errors"

// ErrUnrecalled means that what inventory said before has to be recalled first.
var ErrUnrecalled = errors.New("what was said before is not recalled")

// Recall brings the restock to where inventory said that it is, before it forgot, and answers what has to follow; nothing where it is
// so already. Who asked will ask again, and is answered then.
func (r *Restock) Recall(told Event) ([]Event, error) {
	switch e := told.(type) {
	case GoodsReturned:
		if r.Status == Unasked {
			return r.record(e), nil
		}
	case GoodsWithdrawn:
		switch r.Status {
		case Unasked:
			return nil, ErrUnrecalled
		case Back:
			return r.record(e), nil
		case Rejected, Out, CalledOff:
		}
	}
	return nil, nil
}
