package inbox

import (
	"context"
	"sync"
	"time"

	"quadrille.dev/platform/event"
)

// message is one in hand.
type message struct {
	ctx      context.Context
	delivery delivery
	fact     event.Envelope
	// until is when it has lingered; zero for one that does not.
	until time.Time
}

// helpAfter is how long those that wait do so for one transaction. A transaction that takes longer has met somebody who holds what it
// needs, or is in trouble, and they get another.
const helpAfter = 250 * time.Millisecond

// gathering holds messages until a transaction takes them. One runs at a time: when it ends, the next takes all that has come meanwhile, up
// to a number, so that many that wait cost few commits, while one that comes alone waits for nobody. (Several at once would mostly wait for
// each other: orders share stock.) One that lingers waits for others to come, which take it with them: those that do not linger, as many as a
// transaction may take, or, when it has lingered, those that linger still. Messages of a subject are taken in order, and by one transaction at
// a time.
type gathering struct {
	// together is how many a transaction may take. It is fewer than most after one had to give up, because others held what it needed.
	together, most int
	// lanes is how many transactions may run at once, if each takes longer than helpAfter.
	lanes int
	// full is with how many in hand no other comes.
	full int
	// take handles messages, and has each be done, then or later; start runs it.
	take  func([]message)
	start func(func())

	mu    sync.Mutex
	waits []message
	// busy is how many messages of a subject are taken and not done.
	busy map[string]int
	// taken is how many messages are taken and not done.
	taken int
	// running is how many transactions run; slow is how many of them do for longer than helpAfter.
	running, slow int
	// alarm rings when the first has lingered, at the time that it is set to; zero when it is not set.
	alarm *time.Timer
	setTo time.Time
}

func newGathering(most, lanes, full int, start func(func()), take func([]message)) *gathering {
	g := &gathering{together: most, most: most, lanes: lanes, full: full, take: take, start: start, busy: map[string]int{}}
	g.alarm = time.AfterFunc(time.Hour, g.rung)
	g.alarm.Stop()
	return g
}

// rung has those that have lingered be taken.
func (g *gathering) rung() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.setTo = time.Time{}
	g.help()
}

// add never blocks; what bounds the number of messages is the prefetch.
func (g *gathering) add(m message) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waits = append(g.waits, m)
	g.help()
}

// help starts a transaction unless one runs that is not slow.
func (g *gathering) help() {
	if g.running > g.slow || g.running == g.lanes {
		return
	}
	if messages := g.next(); len(messages) > 0 {
		g.running++
		g.start(func() { g.run(messages) })
	}
}

// run takes messages, and what has come meanwhile, until there is nothing to take or another transaction sees to that.
func (g *gathering) run(messages []message) {
	for len(messages) > 0 {
		g.once(messages)
		g.mu.Lock()
		if messages = nil; g.running-g.slow == 1 {
			messages = g.next()
		}
		if len(messages) == 0 {
			g.running--
		}
		g.mu.Unlock()
	}
}

// once takes messages. Others are helped when that takes long.
func (g *gathering) once(messages []message) {
	slow, over := false, false
	timer := time.AfterFunc(helpAfter, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if over {
			return
		}
		slow = true
		g.slow++
		g.help()
	})
	defer timer.Stop()
	g.take(messages)
	g.mu.Lock()
	defer g.mu.Unlock()
	if over = true; slow {
		g.slow--
	}
}

// ripe tells whether there are messages to take now: one that does not linger, or has, or as many as a transaction may take. Otherwise the
// alarm is set for when there will be.
func (g *gathering) ripe() bool {
	now, room, first := time.Now(), g.together, time.Time{}
	for _, m := range g.waits {
		if g.busy[m.fact.Subject] > 0 {
			continue
		}
		room--
		if room == 0 || !m.until.After(now) {
			return true
		}
		if first.IsZero() || m.until.Before(first) {
			first = m.until
		}
	}
	if first.IsZero() {
		return false
	}
	if len(g.waits)+g.taken >= g.full {
		return true
	}
	if g.setTo.IsZero() || first.Before(g.setTo) {
		g.setTo = first
		g.alarm.Reset(first.Sub(now))
	}
	return false
}

// next are the messages to take now: the first that wait, without those whose subject somebody is busy with. There are none while all of
// them linger.
func (g *gathering) next() []message {
	if !g.ripe() {
		return nil
	}
	var messages, others []message
	mine := map[string]bool{}
	for _, m := range g.waits {
		subject := m.fact.Subject
		if len(messages) == g.together || g.busy[subject] > 0 && !mine[subject] {
			others = append(others, m)
			continue
		}
		mine[subject] = true
		g.busy[subject]++
		messages = append(messages, m)
	}
	g.waits = others
	g.taken += len(messages)
	return messages
}

// done has messages be out of hand.
func (g *gathering) done(messages ...message) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken -= len(messages)
	for _, m := range messages {
		if g.busy[m.fact.Subject]--; g.busy[m.fact.Subject] == 0 {
			delete(g.busy, m.fact.Subject)
		}
	}
	g.help()
}

// worked tells that a transaction was committed; it may have been one more.
func (g *gathering) worked() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.together = min(g.together+1, g.most)
}

// collided tells that a transaction gave up because others held what it needed: smaller ones need less.
func (g *gathering) collided() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.together = max(g.together/2, 1)
}

// end has nothing begin any more; what waits comes again.
func (g *gathering) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waits = nil
	g.alarm.Stop()
	g.setTo = time.Time{}
}

// inHand is how many messages were added and are not done.
func (g *gathering) inHand() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waits) + g.taken
}
