package rabbit

import (
	"slices"
	"sync"
)

// settling are the messages of one channel that are acknowledged, by delivery tag: 1, 2, and so on. With them many are acknowledged in
// one word, which is one entry in the log of their queue.
type settling struct {
	ch acknowledger

	mu sync.Mutex
	// below is the first tag that is not settled; settled are those above.
	below   uint64
	settled map[uint64]bool
}

// acknowledger is a channel.
type acknowledger interface {
	Ack(tag uint64, multiple bool) error
}

func newSettling(ch acknowledger) *settling {
	return &settling{ch: ch, below: 1, settled: map[uint64]bool{}}
}

// ack acknowledges messages, unless they are. The last of them below which none is left out stands for all up to it; the broker knows that one still, as it must. If
// that does not get through, they come again.
func (s *settling) ack(tags ...uint64) {
	slices.Sort(tags)
	s.mu.Lock()
	defer s.mu.Unlock()
	tags = slices.DeleteFunc(tags, func(tag uint64) bool { return tag < s.below || s.settled[tag] })
	for _, tag := range tags {
		s.settled[tag] = true
	}
	for s.settled[s.below] {
		delete(s.settled, s.below)
		s.below++
	}
	together, _ := slices.BinarySearch(tags, s.below)
	if together > 0 {
		_ = s.ch.Ack(tags[together-1], true)
	}
	for _, tag := range tags[together:] {
		_ = s.ch.Ack(tag, false)
	}
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
