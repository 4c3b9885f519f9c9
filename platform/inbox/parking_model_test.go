package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
)

const (
	// parkedAfter is how many attempts park a message.
	parkedAfter = 3
	olga        = "olga@quadrille.test"
)

// What is wrong with a message. The first two an edit mends.
const (
	illegible = "UNREADABLE_EVENT: no orderId"
	flawed    = "it has a flaw"
	// stormy is what is wrong with all of a subject while a storm lasts.
	stormy = "there is a storm"
)

// slip is a message that waits.
type slip struct {
	fact     event.Envelope
	wrong    string
	state    string
	attempts int
	// error is of the last attempt.
	error string
}

// lot is the model of what is set aside: the messages of each subject that wait, in order, and what became of the others.
type lot struct {
	books     *books
	consumers []*Consumer[deeds]
	parking   *Parking

	mu     sync.Mutex
	storms map[string]bool

	waiting   map[string][]*slip
	delivered []event.Envelope
	// done are the sequences handled of each subject, in order, and over the ids of what will never be handled any more.
	done map[string][]int64
	over map[uuid.UUID]bool
	// audits and interventions count what operators did.
	audits, interventions int
}

var lotSubjects = []string{"a", "b", "c"}

func (l *lot) storm(subject string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.storms[subject]
}

// handle is what consumers do.
func (l *lot) handle(ctx context.Context, d deeds, fact event.Envelope) error {
	if err := d.do(ctx, fact); err != nil {
		return err
	}
	if strings.Contains(string(fact.Data), flawed) {
		return errors.New(flawed)
	}
	if l.storm(fact.Subject) {
		return errors.New(stormy)
	}
	return nil
}

func payloadOf(subject, wrong string) map[string]string {
	switch wrong {
	case illegible:
		return map[string]string{"note": "unknown"}
	case flawed:
		return map[string]string{"orderId": subject, "note": flawed}
	default:
		return map[string]string{"orderId": subject}
	}
}

// attempt tries a slip, and tells whether it is handled.
func (l *lot) attempt(s *slip) bool {
	wrong := s.wrong
	if wrong == "" && l.storm(s.fact.Subject) {
		wrong = stormy
	}
	if wrong == "" {
		l.done[s.fact.Subject] = append(l.done[s.fact.Subject], s.fact.Sequence)
		l.over[s.fact.ID] = true
		return true
	}
	s.attempts++
	s.error, s.state = wrong, "RETRYING"
	if wrong == illegible || s.attempts >= parkedAfter {
		s.state = "PARKED"
	}
	return false
}

// shift takes the first slip of a subject away, after which the next is due.
func (l *lot) shift(subject string) {
	if l.waiting[subject] = l.waiting[subject][1:]; len(l.waiting[subject]) > 0 {
		l.waiting[subject][0].state = "RETRYING"
	}
}

// deliver hands a consumer a message, which is new or was delivered before.
func (l *lot) deliver(t *rapid.T, fact event.Envelope) {
	body, err := json.Marshal(fact)
	if err != nil {
		t.Fatal(err)
	}
	h := &hand{body: body}
	l.consumers[0].process(l.books.t.Context(), h, fact)
	if h.ackedAt().IsZero() {
		t.Fatal("not acknowledged")
	}
}

func (l *lot) deliverNew(t *rapid.T) {
	subject := rapid.SampledFrom(lotSubjects).Draw(t, "subject")
	wrong := rapid.SampledFrom([]string{"", "", "", flawed, illegible}).Draw(t, "wrong")
	s := &slip{fact: factOf(subject, int64(len(l.delivered)+1), payloadOf(subject, wrong)), wrong: wrong, state: "BEHIND"}
	l.delivered = append(l.delivered, s.fact)
	l.deliver(t, s.fact)
	if len(l.waiting[subject]) > 0 || !l.attempt(s) {
		l.waiting[subject] = append(l.waiting[subject], s)
	}
}

func (l *lot) deliverAgain(t *rapid.T) {
	if len(l.delivered) == 0 {
		t.Skip("nothing was delivered")
	}
	l.deliver(t, l.delivered[rapid.IntRange(0, len(l.delivered)-1).Draw(t, "message")])
}

// pass has all that is to be retried fall due, and two consumers retry it at once.
func (l *lot) pass(t *rapid.T) {
	if _, err := l.books.Exec(l.books.t.Context(), `UPDATE waiting SET next_attempt_at = now() WHERE state = 'RETRYING'`); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	for _, c := range l.consumers {
		both.Go(func() {
			if err := c.retryDue(l.books.t.Context()); err != nil {
				l.books.t.Error(err)
			}
		})
	}
	both.Wait()
	for _, subject := range lotSubjects {
		for len(l.waiting[subject]) > 0 && l.waiting[subject][0].state == "RETRYING" && l.attempt(l.waiting[subject][0]) {
			l.shift(subject)
		}
	}
}

// parked are the slips that are parked, by subject.
func (l *lot) parked() (parked []*slip) {
	for _, subject := range lotSubjects {
		if waiting := l.waiting[subject]; len(waiting) > 0 && waiting[0].state == "PARKED" {
			parked = append(parked, waiting[0])
		}
	}
	return parked
}

// some draws parked slips, and whether somebody else's are named beside them.
func (l *lot) some(t *rapid.T) (chosen []*slip, ids []uuid.UUID) {
	parked := l.parked()
	if len(parked) == 0 {
		t.Skip("nothing is parked")
	}
	first := rapid.IntRange(0, len(parked)-1).Draw(t, "first")
	chosen = parked[first : first+rapid.IntRange(1, len(parked)-first).Draw(t, "how many")]
	for _, s := range chosen {
		ids = append(ids, s.fact.ID)
	}
	return chosen, ids
}

// another is the id of a message that is not parked.
func (l *lot) another(t *rapid.T) uuid.UUID {
	others := []uuid.UUID{uuid.New()}
	for _, fact := range l.delivered {
		if !slices.ContainsFunc(l.parked(), func(s *slip) bool { return s.fact.ID == fact.ID }) {
			others = append(others, fact.ID)
		}
	}
	return others[rapid.IntRange(0, len(others)-1).Draw(t, "another")]
}

// retried is what a retry does to slips that were parked.
func (l *lot) retried(chosen []*slip) {
	for _, s := range chosen {
		if l.attempt(s) {
			l.shift(s.fact.Subject)
		}
	}
}

// retry has an operator retry messages, with another that is not parked.
func (l *lot) retry(t *rapid.T) {
	chosen, ids := l.some(t)
	wrong := l.another(t)
	outcome, err := l.parking.Retry(l.books.t.Context(), Retry{Actor: olga, IDs: append(ids, wrong)})
	if err != nil {
		t.Fatal(err)
	}
	l.audits += len(chosen)
	l.retried(chosen)
	if !slices.Contains(outcome.Failed, Failed{wrong, NotParked}) || outcome.Count+len(outcome.Failed) != len(ids)+1 {
		t.Fatalf("%+v of %v and %s", outcome, ids, wrong)
	}
}

// retryGroup has an operator retry all that failed for one cause.
func (l *lot) retryGroup(t *rapid.T) {
	cause := rapid.SampledFrom([]string{illegible, flawed, stormy}).Draw(t, "cause")
	chosen := slices.DeleteFunc(l.parked(), func(s *slip) bool { return s.error != cause })
	group := &Group{Fact: "ordering.order.placed", Cause: cause}
	outcome, err := l.parking.Retry(l.books.t.Context(), Retry{Actor: olga, Group: group})
	if err != nil {
		t.Fatal(err)
	}
	if len(chosen) > 0 {
		l.audits++
	}
	l.retried(chosen)
	if outcome.Count+len(outcome.Failed) != len(chosen) {
		t.Fatalf("%+v of a group of %d", outcome, len(chosen))
	}
}

// edit has an operator mend one message and retry it.
func (l *lot) edit(t *rapid.T) {
	chosen, ids := l.some(t)
	l.mend(t, chosen[0], ids[0])
}

func (l *lot) mend(t *rapid.T, s *slip, id uuid.UUID) {
	subject := s.fact.Subject
	_, err := l.parking.Retry(l.books.t.Context(), Retry{
		Actor: olga, IDs: []uuid.UUID{id}, Payload: json.RawMessage(fmt.Sprintf(`{"orderId": %q, "note": "mended"}`, subject)),
	})
	if err != nil {
		t.Fatal(err)
	}
	l.audits++
	l.interventions++
	s.wrong = ""
	l.retried([]*slip{s})
}

// editBadly has an operator make it worse, which is refused.
func (l *lot) editBadly(t *rapid.T) {
	_, ids := l.some(t)
	_, err := l.parking.Retry(l.books.t.Context(), Retry{Actor: olga, IDs: ids[:1], Payload: json.RawMessage(`{"note": "worse"}`)})
	if _, refused := errors.AsType[*PayloadError](err); !refused {
		t.Fatalf("not refused: %v", err)
	}
}

// dryRun changes nothing.
func (l *lot) dryRun(t *rapid.T) {
	chosen, ids := l.some(t)
	outcome, err := l.parking.Retry(l.books.t.Context(), Retry{Actor: olga, IDs: ids, DryRun: true})
	if err != nil || outcome.Count != len(chosen) {
		t.Fatalf("%+v, %v", outcome, err)
	}
}

func (l *lot) discard(t *rapid.T) {
	chosen, ids := l.some(t)
	discarded, err := l.parking.Discard(l.books.t.Context(), Discard{Actor: olga, IDs: ids, Reason: "sent twice"})
	if err != nil || discarded != len(chosen) {
		t.Fatalf("discarded %d of %d: %v", discarded, len(chosen), err)
	}
	l.audits += len(chosen)
	l.interventions += len(chosen)
	for _, s := range chosen {
		l.over[s.fact.ID] = true
		l.shift(s.fact.Subject)
	}
}

// discardAnother names a message that is not parked, for which all are kept.
func (l *lot) discardAnother(t *rapid.T) {
	_, ids := l.some(t)
	wrong := l.another(t)
	_, err := l.parking.Discard(l.books.t.Context(), Discard{Actor: olga, IDs: append(ids, wrong), Reason: "sent twice"})
	if refused, ok := errors.AsType[*NotParkedError](err); !ok || !slices.Equal(refused.IDs, []uuid.UUID{wrong}) {
		t.Fatalf("discarded with %s: %v", wrong, err)
	}
}

func (l *lot) turnWeather(t *rapid.T) {
	subject := rapid.SampledFrom(lotSubjects).Draw(t, "subject")
	l.mu.Lock()
	defer l.mu.Unlock()
	l.storms[subject] = !l.storms[subject]
}

func (l *lot) check(t *rapid.T) {
	var waiting, handled []string
	var counts Counts
	behind := map[uuid.UUID]int64{}
	for _, subject := range lotSubjects {
		for i, s := range l.waiting[subject] {
			waiting = append(waiting, fmt.Sprintf("%s %s %s %d", subject, s.fact.ID, s.state, s.attempts))
			switch s.state {
			case "RETRYING":
				counts.Retrying++
			case "PARKED":
				counts.Parked++
				behind[s.fact.ID] = int64(len(l.waiting[subject]) - i - 1)
			default:
				counts.Behind++
			}
		}
		for _, sequence := range l.done[subject] {
			handled = append(handled, fmt.Sprintf("%s %d", subject, sequence))
		}
		if !slices.IsSorted(l.done[subject]) {
			t.Fatalf("of %s %v were handled in this order", subject, l.done[subject])
		}
	}
	l.same(t, waiting, `SELECT subject || ' ' || message_id || ' ' || state || ' ' || attempts FROM waiting ORDER BY subject, position`)
	l.same(t, handled, `SELECT subject || ' ' || sequence FROM done ORDER BY subject, position`)
	var over []string
	for id := range l.over {
		over = append(over, id.String())
	}
	slices.Sort(over)
	l.same(t, over, `SELECT message_id::text FROM inbox ORDER BY message_id::text COLLATE "C"`)
	l.same(t, []string{fmt.Sprint(l.audits), fmt.Sprint(l.audits), fmt.Sprint(l.interventions)}, `
		SELECT count(*)::text FROM audit UNION ALL SELECT count(*)::text FROM outbox UNION ALL SELECT count(*)::text FROM interventions`)
	counted, err := l.consumers[0].Counts(l.books.t.Context())
	if err != nil || counted != counts {
		t.Fatalf("counted %+v, want %+v, %v", counted, counts, err)
	}
	page, err := l.parking.List(l.books.t.Context(), ParkedFilter{}, 100, ParkedPlace{})
	if err != nil || page.Total != counts.Parked {
		t.Fatalf("%d are listed, want %d, %v", page.Total, counts.Parked, err)
	}
	for _, message := range page.Messages {
		if message.Behind != behind[message.ID] {
			t.Fatalf("%d are listed behind %s, want %d", message.Behind, message.ID, behind[message.ID])
		}
	}
	waits := len(waiting)
	if len(l.over)+waits != len(l.delivered) {
		t.Fatalf("%d are over and %d wait of %d delivered", len(l.over), waits, len(l.delivered))
	}
}

// same compares what the model says with what the database does.
func (l *lot) same(t *rapid.T, want []string, query string) {
	if diff := cmp.Diff(append([]string{}, want...), append([]string{}, collect[string](l.books, query)...)); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", query, diff)
	}
}

// rest mends all that is wrong, until nothing waits.
func (l *lot) rest(t *rapid.T) {
	l.mu.Lock()
	clear(l.storms)
	l.mu.Unlock()
	for range len(l.delivered) + parkedAfter + 1 {
		for _, s := range l.parked() {
			l.mend(t, s, s.fact.ID)
		}
		l.pass(t)
	}
	l.check(t)
	if waiting := slices.Concat(slices.Collect(maps.Values(l.waiting))...); len(waiting) != 0 {
		t.Fatalf("%d wait though nothing is wrong any more", len(waiting))
	}
}

// Whatever fails, and whatever operators do about it: nothing is lost, each message takes effect once or is discarded, those of a subject
// in their order, and all that operators did is audited.
func TestWhatIsSetAsideBehavesAsItsModel(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	l := &lot{books: b}
	handle := func(ctx context.Context, d deeds, fact event.Envelope) error { return l.handle(ctx, d, fact) }
	for range 2 {
		c := b.consumer(parkedAfter, handle)
		// Nothing falls due again of itself.
		c.config.Retry = rabbit.Backoff{First: time.Hour, Most: time.Hour}
		l.consumers = append(l.consumers, c)
	}
	l.parking = l.consumers[1].Parking()
	rapid.Check(t, func(t *rapid.T) {
		b.empty()
		l.storms, l.waiting, l.done, l.over = map[string]bool{}, map[string][]*slip{}, map[string][]int64{}, map[uuid.UUID]bool{}
		l.delivered, l.audits, l.interventions = nil, 0, 0
		t.Repeat(map[string]func(*rapid.T){
			"":                            l.check,
			"deliver":                     l.deliverNew,
			"deliver one more":            l.deliverNew,
			"deliver again":               l.deliverAgain,
			"let time pass":               l.pass,
			"turn the weather":            l.turnWeather,
			"retry":                       l.retry,
			"retry a group":               l.retryGroup,
			"edit and retry":              l.edit,
			"edit badly":                  l.editBadly,
			"retry without doing it":      l.dryRun,
			"discard":                     l.discard,
			"discard with one not parked": l.discardAnother,
		})
		l.rest(t)
	})
}
