package event

import (
	"testing"

	"github.com/google/uuid"
)

// Only ordering knows what people call an order. What an order leads to says it too; what belongs to no order does not.
func TestAFactTakesTheOrderNumberFromItsCause(t *testing.T) {
	caused := CausedBy(t.Context(), Envelope{ID: uuid.NewSHA1(namespace, []byte("cause")), OrderNumber: "Q-00000001"})
	for name, c := range map[string]struct {
		fact Fact
		want string
	}{
		"of the same order":       {Fact{CorrelationID: "o"}, "Q-00000001"},
		"of an order that it has": {Fact{CorrelationID: "o", OrderNumber: "Q-00000002"}, "Q-00000002"},
		"of none":                 {Fact{}, ""},
	} {
		c.fact.Name, c.fact.Version = "a.b.c", 1
		if got := New(caused, c.fact).OrderNumber; got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := New(t.Context(), Fact{Name: "a.b.c", CorrelationID: "o"}).OrderNumber; got != "" {
		t.Errorf("without a cause: %q", got)
	}
}
