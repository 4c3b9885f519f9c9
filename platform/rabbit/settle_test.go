package rabbit

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// said is a broker's side of a channel, which holds that it knows what is acknowledged.
type said struct {
	t       *testing.T
	mu      sync.Mutex
	unacked []uint64
	words   []word
}

type word struct {
	Tag      uint64
	Multiple bool
}

func (s *said) Ack(tag uint64, multiple bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.words = append(s.words, word{tag, multiple})
	i := slices.Index(s.unacked, tag)
	if i < 0 {
		s.t.Errorf("the broker does not know %d any more", tag)
		return nil
	}
	from := i
	if multiple {
		from = 0
	}
	s.unacked = slices.Delete(s.unacked, from, i+1)
	return nil
}

// settlingOf has taken all that a broker has delivered, with so many that may be in hand.
func settlingOf(broker *said, prefetch int) *settling {
	settling := newSettling(broker, prefetch)
	for _, tag := range broker.unacked {
		settling.take(tag)
	}
	return settling
}

// deliver has a message be delivered that is not acknowledged.
func (s *said) deliver(tag uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unacked = append(s.unacked, tag)
}

// delivered is what is not acknowledged.
func (s *said) delivered() []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.unacked)
}

func upTo(n uint64) (tags []uint64) {
	for tag := range n {
		tags = append(tags, tag+1)
	}
	return tags
}

func TestWhatHasNoGapIsAcknowledgedInOneWord(t *testing.T) {
	for name, c := range map[string]struct {
		acks [][]uint64
		want []word
	}{
		"one by one":              {[][]uint64{{1}, {2}}, []word{{1, true}, {2, true}}},
		"several":                 {[][]uint64{{3, 1, 2}}, []word{{3, true}}},
		"with a gap":              {[][]uint64{{1, 3, 4}}, []word{{1, true}, {3, false}, {4, false}}},
		"the gap is filled":       {[][]uint64{{3, 4}, {1, 2}, {5}}, []word{{3, false}, {4, false}, {2, true}, {5, true}}},
		"twice":                   {[][]uint64{{1}, {1, 2}, {4}, {2, 3, 4}}, []word{{1, true}, {2, true}, {4, false}, {3, true}}},
		"the gap is filled apart": {[][]uint64{{2, 4}, {1, 5}, {3}}, []word{{2, false}, {4, false}, {1, true}, {5, false}, {3, true}}},
	} {
		t.Run(name, func(t *testing.T) {
			broker := &said{t: t, unacked: upTo(5)}
			settling := settlingOf(broker, 1)
			for _, tags := range c.acks {
				settling.ack(tags...)
			}
			if diff := cmp.Diff(c.want, broker.words); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever is done with in whatever order, and told at once: no word covers a message that is still in hand, and the broker forgets just what was acknowledged.
func TestNothingIsAcknowledgedThatIsInHand(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		broker := &said{t: t, unacked: upTo(30)}
		settling, inHand := settlingOf(broker, 1), upTo(30)
		random.Shuffle(len(inHand), func(i, j int) { inHand[i], inHand[j] = inHand[j], inHand[i] })
		for len(inHand) > 0 {
			n := 1 + random.IntN(min(8, len(inHand)))
			settling.ack(inHand[:n]...)
			inHand = inHand[n:]
			if diff := cmp.Diff(slices.Sorted(slices.Values(inHand)), broker.unacked); len(inHand) > 0 && diff != "" {
				t.Fatalf("seed %d: (-in hand +the broker's)\n%s", seed, diff)
			}
		}
		if len(broker.unacked) > 0 {
			t.Fatalf("seed %d: %v are left", seed, broker.unacked)
		}
	}
}

// saying is a word, and when it was heard.
type saying struct {
	At   time.Duration
	Word word
}

// timely is a broker's side of a channel that notes when it hears.
type timely struct {
	said
	begun time.Time
	heard []saying
}

func (l *timely) Ack(tag uint64, multiple bool) error {
	l.heard = append(l.heard, saying{time.Since(l.begun), word{tag, multiple}})
	return l.said.Ack(tag, multiple)
}

func TestAcknowledgementsWaitForOthers(t *testing.T) {
	const ms = time.Millisecond
	type step struct {
		at time.Duration
		// take is up to which tag is delivered, and ack what is done with.
		take uint64
		ack  []uint64
	}
	for name, c := range map[string]struct {
		prefetch int
		steps    []step
		want     []saying
	}{
		"until the window ends": {
			128,
			[]step{{0, 9, []uint64{1}}, {10 * ms, 9, []uint64{2}}, {49 * ms, 9, []uint64{3, 4}}, {60 * ms, 9, []uint64{5}}},
			[]saying{{50 * ms, word{4, true}}, {110 * ms, word{5, true}}},
		},
		"until a gap is filled": {
			128,
			[]step{{0, 9, []uint64{2}}, {10 * ms, 9, []uint64{3}}, {20 * ms, 9, []uint64{1}}},
			[]saying{{50 * ms, word{3, true}}},
		},
		"not for a gap that is not": {
			128,
			[]step{{0, 9, []uint64{1, 3}}, {60 * ms, 9, []uint64{2}}},
			[]saying{{50 * ms, word{1, true}}, {50 * ms, word{3, false}}, {110 * ms, word{2, true}}},
		},
		"not when half of what may be in hand is": {
			8,
			[]step{{0, 3, []uint64{1}}, {ms, 3, []uint64{2}}, {2 * ms, 4, nil}, {3 * ms, 5, []uint64{3}}, {4 * ms, 6, nil}},
			[]saying{{2 * ms, word{2, true}}, {4 * ms, word{3, true}}},
		},
		"not when half of what may be in hand was": {
			8,
			[]step{{0, 5, nil}, {ms, 5, []uint64{1}}, {2 * ms, 5, []uint64{2}}, {3 * ms, 5, []uint64{3}}},
			[]saying{{ms, word{1, true}}, {2 * ms, word{2, true}}, {53 * ms, word{3, true}}},
		},
		"not where one may be in hand": {
			1,
			[]step{{0, 1, []uint64{1}}, {ms, 2, []uint64{2}}},
			[]saying{{0, word{1, true}}, {ms, word{2, true}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broker := &timely{said: said{t: t, unacked: upTo(9)}, begun: time.Now()}
				settling := newSettling(broker, c.prefetch)
				for _, step := range c.steps {
					time.Sleep(time.Until(broker.begun.Add(step.at)))
					for settling.taken < step.take {
						settling.take(settling.taken + 1)
					}
					settling.ack(step.ack...)
				}
				time.Sleep(ackWindow)
				synctest.Wait()
				if diff := cmp.Diff(c.want, broker.heard); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestTheEndOfAChannelTellsAllThatIsAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := &timely{said: said{t: t, unacked: upTo(3)}, begun: time.Now()}
		settling := newSettling(broker, 128)
		settling.ack(1, 2)
		settling.flush()
		settling.flush()
		time.Sleep(ackWindow)
		synctest.Wait()
		if diff := cmp.Diff([]saying{{0, word{2, true}}}, broker.heard); diff != "" {
			t.Error(diff)
		}
	})
}

// Whatever is delivered and done with, whenever: the broker never takes what is in hand for done with, it can always deliver unless all that
// may be in hand is, and what is acknowledged for a window it knows.
func TestTheBrokerIsNeverShortOfWhatItMayDeliver(t *testing.T) {
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 3))
			prefetch := 1 + random.IntN(16)
			broker := &said{t: t}
			settling := newSettling(broker, prefetch)
			var inHand []uint64
			next := uint64(1)
			for range 300 {
				time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
				synctest.Wait()
				if random.IntN(2) == 0 {
					for range random.IntN(prefetch - len(broker.delivered()) + 1) {
						broker.deliver(next)
						inHand = append(inHand, next)
						settling.take(next)
						next++
					}
				} else if len(inHand) > 0 {
					i := random.IntN(len(inHand))
					settling.ack(inHand[i])
					inHand = slices.Delete(inHand, i, i+1)
				}
				delivered := broker.delivered()
				for _, tag := range inHand {
					if !slices.Contains(delivered, tag) {
						t.Fatalf("seed %d: the broker takes %d for done with", seed, tag)
					}
				}
				if len(delivered) == prefetch && len(inHand) < prefetch {
					t.Fatalf("seed %d: the broker delivers nothing, with %d of %d in hand", seed, len(inHand), prefetch)
				}
			}
			time.Sleep(ackWindow)
			synctest.Wait()
			delivered := broker.delivered()
			if diff := cmp.Diff(inHand, delivered); len(inHand)+len(delivered) > 0 && diff != "" {
				t.Fatalf("seed %d: (-in hand +the broker's)\n%s", seed, diff)
			}
		})
	}
}
