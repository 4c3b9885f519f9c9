package event_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
)

func TestAFactBeganWithItsOrder(t *testing.T) {
	order := uuid.Must(uuid.NewV7())
	happened := time.Now().Add(time.Hour)
	for correlation, want := range map[string]time.Time{
		order.String():                       time.Unix(order.Time().UnixTime()),
		"":                                   happened,
		"Q-1":                                happened,
		uuid.NewSHA1(order, nil).String():    happened,
		"00000000-0000-0000-0000-0000000000": happened,
	} {
		if began := (event.Envelope{CorrelationID: correlation, Time: happened}).Began(); !began.Equal(want) {
			t.Errorf("%q began %s, want %s", correlation, began, want)
		}
	}
	if age := time.Since(event.Envelope{CorrelationID: order.String()}.Began()); age < 0 || age > time.Minute {
		t.Errorf("an order of now is %s old", age)
	}
}
