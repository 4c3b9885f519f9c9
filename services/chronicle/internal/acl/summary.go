package acl

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/schema"
)

// Summary tells a recorded fact in one English sentence without personal data. Of a fact that cannot be read in detail it says
// what it is.
func Summary(envelope []byte) string {
	var e event.Envelope
	if err := json.Unmarshal(envelope, &e); err != nil {
		return "A fact that cannot be read"
	}
	if done := acted(e); done != nil {
		return done.Detail
	}
	if tell, known := sentences[version{e.Name(), e.DataVersion}]; known {
		if sentence, err := tell(e); err == nil {
			return sentence
		}
	}
	if title, known := titles()[e.Name()]; known {
		return title
	}
	return fmt.Sprintf("%s, version %d", e.Name(), e.DataVersion)
}

type version struct {
	fact   string
	number int
}

var titles = sync.OnceValue(func() map[string]string {
	titles := map[string]string{}
	for _, declared := range schema.Events() {
		titles[declared.Name] = declared.Title
	}
	return titles
})

type teller func(event.Envelope) (string, error)

// say makes a sentence of the fields in T.
func say[T any](sentence func(T) string) teller {
	return func(e event.Envelope) (string, error) {
		data, err := event.Data[T](e)
		if err != nil {
			return "", err
		}
		return sentence(data), nil
	}
}

func plainly(sentence string) teller {
	return func(event.Envelope) (string, error) { return sentence, nil }
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}

// list names at most three.
func list(names []string) string {
	if len(names) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
	}
	return strings.Join(names, ", ")
}

// The payloads, with the fields that sentences use.
type (
	placed struct {
		Number string            `json:"number"`
		Lines  []json.RawMessage `json:"lines"`
		Total  money.Money       `json:"total"`
	}
	cancelled struct {
		Reason      string `json:"reason"`
		CancelledBy string `json:"cancelledBy"`
	}
	lines struct {
		Lines []json.RawMessage `json:"lines"`
	}
	rejected struct {
		Missing []struct {
			SKU string `json:"sku"`
		} `json:"missing"`
	}
	received struct {
		SKU      string `json:"sku"`
		Quantity int64  `json:"quantity"`
	}
	invoice struct {
		Number string      `json:"number"`
		Total  money.Money `json:"total"`
		Amount money.Money `json:"amount"`
	}
	returned struct {
		OrderNumber string            `json:"orderNumber"`
		Lines       []json.RawMessage `json:"lines"`
		Refund      money.Money       `json:"refund"`
	}
	stepOfReturn struct {
		Context   string `json:"context"`
		Step      string `json:"step"`
		Reference string `json:"reference"`
		Cause     string `json:"cause"`
		Reason    string `json:"reason"`
		By        string `json:"by"`
		Attempts  int    `json:"attempts"`
	}
	amount struct {
		Amount money.Money `json:"amount"`
		Reason string      `json:"reason"`
	}
	parcel struct {
		Carrier        string `json:"carrier"`
		TrackingNumber string `json:"trackingNumber"`
		Reason         string `json:"reason"`
	}
	stalled struct {
		Operation string `json:"operation"`
		Tries     int    `json:"tries"`
	}
	product struct {
		SKU     string   `json:"sku"`
		Changes []change `json:"changes"`
	}
	change struct {
		Field string `json:"field"`
	}
	price struct {
		SKU       string      `json:"sku"`
		ListPrice money.Money `json:"listPrice"`
	}
)

// named says what the context did with its step, and more about it if there is more.
func (d stepOfReturn) named(did, more string) string {
	sentence := capital(d.Context) + " " + did + " " + d.Step
	if more == "" {
		return sentence
	}
	return sentence + ": " + strings.TrimSuffix(more, ".")
}

func capital(word string) string {
	first, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(first)) + word[size:]
}

func fields(changes []change) string {
	names := make([]string, len(changes))
	for i, change := range changes {
		names[i] = change.Field
	}
	return list(names)
}
