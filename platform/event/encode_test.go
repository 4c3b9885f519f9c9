package event

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/testkit/allocate"
)

// placed is as large as an order of five lines.
func placed(t testing.TB) Envelope {
	type line struct {
		SKU, Name string
		Quantity  int
		Price     map[string]any
	}
	lines := make([]line, 5)
	for i := range lines {
		lines[i] = line{"WHITE-HANGING-HEART", "White hanging heart T-light holder", i, map[string]any{"minor": 255, "currency": "GBP"}}
	}
	return New(t.Context(), Fact{
		Name: "ordering.order.placed", Version: 1, Subject: uuid.NewString(), Sequence: 1, CorrelationID: uuid.NewString(), OrderNumber: "Q-00000001",
		At: time.Date(2026, 3, 1, 10, 0, 0, 123_456_000, time.UTC), Data: map[string]any{"lines": lines, "none": []int{}, "nothing": map[string]int{}},
	})
}

func TestAnEnvelopeIsEncodedAsTheStandardLibraryDoes(t *testing.T) {
	for name, change := range map[string]func(*Envelope){
		"as it is":             func(*Envelope) {},
		"without what may not": func(e *Envelope) { e.CorrelationID, e.OrderNumber = "", "" },
		"with all": func(e *Envelope) {
			e.CausationID, e.TraceParent, e.ReplyTo = uuid.NewString(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "ordering.replies"
		},
		"quotes":           func(e *Envelope) { e.Subject = `a "b" \ c` },
		"markup":           func(e *Envelope) { e.Subject = "<a>&b" },
		"controls":         func(e *Envelope) { e.Subject = "a\x00\n\x1f\x7f" },
		"other characters": func(e *Envelope) { e.Subject = "größer \u2028 \U0001F600" },
		"no characters":    func(e *Envelope) { e.Subject = "a\xff\xfe" },
		"whole seconds":    func(e *Envelope) { e.Time = e.Time.Truncate(time.Second) },
		"elsewhere":        func(e *Envelope) { e.Time = e.Time.In(time.FixedZone("", 3600)) },
		"no data":          func(e *Envelope) { e.Data = nil },
		"data of one":      func(e *Envelope) { e.Data = json.RawMessage(`1`) },
		"data in words":    func(e *Envelope) { e.Data = json.RawMessage(`{ "a" : [ 1 , { } ] , "b" : "\" : {" }`) },
	} {
		e := placed(t)
		change(&e)
		want, err := json.MarshalIndent(e, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Encode()
		if diff := cmp.Diff(string(want), string(got)); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	broken := placed(t)
	broken.Data = json.RawMessage(`{`)
	if _, err := broken.Encode(); err == nil {
		t.Error("what is no JSON was encoded")
	}
}

// Every fact is encoded once and decoded by each who hears it.
func TestEncodingAndDecodingTakeFewAllocations(t *testing.T) {
	e := placed(t)
	body, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		most float64
		do   func() error
	}{
		"encode": {2, func() error {
			_, err := e.Encode()
			return err
		}},
		"decode": {3, func() error {
			_, err := Decode(body)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			allocate.AtMost(t, c.most, func() {
				if err := c.do(); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	e := placed(b)
	for b.Loop() {
		if _, err := e.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	body, err := placed(b).Encode()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}
