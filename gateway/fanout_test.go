package gateway

import (
	"bytes"
	"testing"

	"quadrille.dev/gateway/internal/graph/model"
)

// BenchmarkFanOut has the facts of one order told to a thousand subscribers, each on a web socket of its own, and prints how long it takes
// until all have the next one. Of the time, those who read have a part: they are in the same process.
func BenchmarkFanOut(b *testing.B) {
	w := newWorld(b, "RATE_LIMIT=0", "SUBSCRIPTIONS_PER_PRINCIPAL=1000")
	told := make(chan struct{})
	for range 1000 {
		s := w.dial(w.token(ada))
		s.subscribe(model.GlobalID("Order", id(3, 1)), nil)
		s.change()
		go func() {
			for {
				_, text, err := s.conn.Read(b.Context())
				if err != nil {
					return
				}
				if bytes.Equal(text, []byte(`{"type":"ping"}`)) {
					s.send(frame{Type: "pong"})
					continue
				}
				select {
				case told <- struct{}{}:
				case <-b.Context().Done():
					return
				}
			}
		}()
	}
	b.ReportAllocs()
	for b.Loop() {
		w.signals.send(id(3, 1), w.chronicle.record(1))
		for range 1000 {
			<-told
		}
	}
}
