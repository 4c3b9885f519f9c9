package rabbit

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said is a broker's side of a channel, which holds that it knows what is acknowledged.
type said struct {
	t       *testing.T
	unacked []uint64
	words   []word
}

type word struct {
	Tag      uint64
	Multiple bool
}

func (s *said) Ack(tag uint64, multiple bool) error {
	s.words = append(s.words, word{tag, multiple})
	i := slices.Index(s.unacked, tag)
	if i < 0 {
		s.t.Fatalf("the broker does not know %d any more", tag)
	}
	from := i
	if multiple {
		from = 0
	}
	s.unacked = slices.Delete(s.unacked, from, i+1)
	return nil
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
			settling := newSettling(broker)
			for _, tags := range c.acks {
				settling.ack(tags...)
			}
			if diff := cmp.Diff(c.want, broker.words); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever is done with in whatever order: no word covers a message that is still in hand, and the broker forgets just what was acknowledged.
func TestNothingIsAcknowledgedThatIsInHand(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		broker := &said{t: t, unacked: upTo(30)}
		settling, inHand := newSettling(broker), upTo(30)
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
