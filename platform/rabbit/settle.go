package rabbit

import (
	"slices"
	"sync"
	"time"
)

// ackWindow is how long an acknowledgement may wait for others. Nobody waits for it: what the broker does not know of when the process is
// killed comes again, and its inbox knows it.
const ackWindow = 50 * time.Millisecond

// settling are the messages of one channel that are acknowledged, by delivery tag: 1, 2, and so on. With them many are acknowledged in
// one word, which is one entry in the log of their queue. They wait for others for ackWindow, or until half of what may be in hand is, as
// far as the broker knows, so that it always has something to go on with.
type settling struct {
	ch acknowledger
	// enough is with how many that the broker takes to be in hand it is told what is not.
	enough uint64

	mu sync.Mutex
	// below is the first tag that is not settled; settled are those above.
	below   uint64
	settled map[uint64]bool
	// taken is the last tag that was delivered.
	taken uint64
	// untold are settled, and the broker does not know it; told is how many it knows of.
	untold []uint64
	told   uint64
	// window ends when the first of untold has waited. It is nil before the first.
	window *time.Timer
}

// acknowledger is a channel.
type acknowledger interface {
	Ack(tag uint64, multiple bool) error
}

func newSettling(ch acknowledger, prefetch int) *settling {
	return &settling{ch: ch, enough: uint64(prefetch+1) / 2, below: 1, settled: map[uint64]bool{}}
}

// take notes that a message was delivered.
func (s *settling) take(tag uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken = tag; s.low() {
		s.tell()
	}
}

// ack acknowledges messages, unless they are, at the end of the window at the latest. If that does not get through, they come again.
func (s *settling) ack(tags ...uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := len(s.untold) == 0
	for _, tag := range tags {
		if tag >= s.below && !s.settled[tag] {
			s.settled[tag] = true
			s.untold = append(s.untold, tag)
		}
	}
	for s.settled[s.below] {
		delete(s.settled, s.below)
		s.below++
	}
	switch {
	case s.low():
		s.tell()
	case first && len(s.untold) > 0:
		s.wait()
	}
}

// low tells whether the broker might soon have nothing that it may deliver.
func (s *settling) low() bool { return s.taken-s.told >= s.enough }

// wait begins a window.
func (s *settling) wait() {
	if s.window == nil {
		s.window = time.AfterFunc(ackWindow, s.flush)
		return
	}
	s.window.Reset(ackWindow)
}

// flush tells the broker all that is acknowledged.
func (s *settling) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell()
}

// tell tells the broker what is acknowledged. The last message below which none is left out stands for all up to it; the broker knows that
// one still, as it must.
func (s *settling) tell() {
	if len(s.untold) == 0 {
		return
	}
	if s.window != nil {
		s.window.Stop()
	}
	slices.Sort(s.untold)
	together, _ := slices.BinarySearch(s.untold, s.below)
	if together > 0 {
		_ = s.ch.Ack(s.untold[together-1], true)
	}
	for _, tag := range s.untold[together:] {
		_ = s.ch.Ack(tag, false)
	}
	s.told += uint64(len(s.untold))
	s.untold = s.untold[:0]
}

// AckAll is Ack of several, in few words.
func AckAll(deliveries []Delivery) {
	tags := map[*settling][]uint64{}
	for _, d := range deliveries {
		tags[d.settling] = append(tags[d.settling], d.message.DeliveryTag)
	}
	for settling, tags := range tags {
		settling.ack(tags...)
	}
}
