package sandbox

import (
	"net/http"
	"strconv"
	"sync/atomic"
)

// loser takes answers away after what was asked is done: the asker is left with a broken connection.
type loser struct {
	handler http.Handler
	left    atomic.Int64
}

// ServeHTTP loses the answers to as many of the next requests that change something as was last asked for.
func (l *loser) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || !l.take() {
		l.handler.ServeHTTP(w, r)
		return
	}
	l.handler.ServeHTTP(unheard{}, r)
	panic(http.ErrAbortHandler)
}

// unheard is an answer that goes nowhere.
type unheard struct{}

func (unheard) Header() http.Header              { return http.Header{} }
func (unheard) Write(answer []byte) (int, error) { return len(answer), nil }
func (unheard) WriteHeader(int)                  {}

func (l *loser) take() bool {
	for {
		left := l.left.Load()
		if left <= 0 {
			return false
		}
		if l.left.CompareAndSwap(left, left-1) {
			return true
		}
	}
}

// lose is POST /sandbox/lost-answers?next=<number>; it answers how many of those asked for before were not lost yet.
func (l *loser) lose(w http.ResponseWriter, r *http.Request) {
	next, err := strconv.ParseInt(r.URL.Query().Get("next"), 10, 64)
	if err != nil || next < 0 {
		WriteJSON(w, http.StatusBadRequest, map[string]string{"error": "next is a number, not negative"})
		return
	}
	WriteJSON(w, http.StatusOK, map[string]int64{"left": l.left.Swap(next)})
}
