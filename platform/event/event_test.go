package event

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

func TestAPersonCanReadAMessage(t *testing.T) {
	e := New(t.Context(), Fact{
		Name: "inventory.stock.reserved", Version: 1, Subject: "o", Sequence: 1, CorrelationID: "o", OrderNumber: "Q-00000001",
		At: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), Data: map[string]any{"orderId": "o", "lines": []string{"CUP"}},
	})
	body, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "specversion": "1.0",
  "id": "` + e.ID.String() + `",
  "source": "/inventory",
  "type": "quadrille.inventory.stock.reserved",
  "subject": "o",
  "time": "2026-03-01T10:00:00Z",
  "datacontenttype": "application/json",
  "dataschema": "https://quadrille.dev/schema/events/inventory.stock.reserved.v1.json",
  "dataversion": 1,
  "sequence": 1,
  "correlationid": "o",
  "ordernumber": "Q-00000001",
  "data": {
    "lines": [
      "CUP"
    ],
    "orderId": "o"
  }
}`
	if diff := cmp.Diff(want, string(body)); diff != "" {
		t.Error(diff)
	}
	if read, err := Decode(body); err != nil || cmp.Diff(e, read) != "" {
		t.Errorf("read as %+v, %v", read, err)
	}
}
