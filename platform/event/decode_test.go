package event

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// asTheStandardLibrary reads an envelope without looking at how it is written.
func asTheStandardLibrary(text []byte) (Envelope, error) {
	type bare Envelope
	var e bare
	if err := json.Unmarshal(text, &e); err != nil {
		return Envelope{}, err
	}
	if e.Data == nil {
		return Envelope(e), nil
	}
	var data bytes.Buffer
	err := json.Compact(&data, e.Data)
	e.Data = data.Bytes()
	return Envelope(e), err
}

func full(t testing.TB) Envelope {
	e := placed(t)
	e.CausationID, e.TraceParent, e.ReplyTo = uuid.NewString(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "ordering.replies"
	return e
}

func TestWhatIsEncodedIsReadAtOnce(t *testing.T) {
	least := placed(t)
	least.CorrelationID, least.OrderNumber = "", ""
	for _, e := range []Envelope{placed(t), full(t), least} {
		text, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		var got Envelope
		if !got.readEncoded(text) {
			t.Fatalf("left to the standard library:\n%s", text)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Error(diff)
		}
	}
}

// changed are ways to write an envelope that Encode does not, good and bad.
func changed(t testing.TB) map[string]string {
	encoded, err := full(t).Encode()
	if err != nil {
		t.Fatal(err)
	}
	text := string(encoded)
	var compacted bytes.Buffer
	if err := json.Compact(&compacted, encoded); err != nil {
		t.Fatal(err)
	}
	replaced := func(old, by string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("no %q in\n%s", old, text)
		}
		return strings.Replace(text, old, by, 1)
	}
	return map[string]string{
		"as it is":              text,
		"on one line":           compacted.String(),
		"space behind":          text + "\n",
		"something behind":      text + "}",
		"escapes":               replaced(`"/ordering"`, `"\/ordering"`),
		"no UTF-8":              replaced(`"/ordering"`, "\"/\xff\""),
		"a line in a string":    replaced(`"/ordering"`, "\"/order\ning\""),
		"quotes in a string":    replaced(`"/ordering"`, `"/order"ing"`),
		"another order":         replaced(`"source": "/ordering",`, `"zzz": 1,`),
		"capitals":              replaced(`"source"`, `"Source"`),
		"twice":                 replaced(`"source": "/ordering",`, "\"source\": \"/a\",\n  \"source\": \"/ordering\","),
		"more":                  replaced(`"data":`, "\"more\": {\n  \"data\": 1},\n  \"data\":"),
		"more data":             text[:len(text)-1] + ",\n  \"data\": 2\n}",
		"a number with a plus":  replaced(`"sequence": 1,`, `"sequence": +1,`),
		"a number with noughts": replaced(`"sequence": 1,`, `"sequence": 01,`),
		"a number in quotes":    replaced(`"sequence": 1,`, `"sequence": "1",`),
		"a negative number":     replaced(`"sequence": 1,`, `"sequence": -1,`),
		"a large number":        replaced(`"dataversion": 1,`, `"dataversion": 9223372036854775807,`),
		"too large a number":    replaced(`"sequence": 1,`, `"sequence": 9223372036854775808,`),
		"a fraction":            replaced(`"sequence": 1,`, `"sequence": 1.0,`),
		"no time":               replaced(`10:00:00`, `10:00`),
		"a lax time":            replaced(`T10:00:00`, `T1:00:00`),
		"no id":                 replaced(`"id": "`, `"id": "x`),
		"no comma":              replaced(`"sequence": 1,`, `"sequence": 1`),
		"no data":               text[:strings.Index(text, beforeData)] + beforeData + afterData,
		"nothing as data":       text[:strings.Index(text, beforeData)] + beforeData + "null" + afterData,
		"broken data":           text[:len(text)-4] + afterData,
		"cut":                   text[:len(text)-1],
		"empty":                 "",
	}
}

func TestWhatIsWrittenOtherwiseIsReadAsTheStandardLibraryDoes(t *testing.T) {
	for name, text := range changed(t) {
		want, wrong := asTheStandardLibrary([]byte(text))
		var got Envelope
		err := got.UnmarshalJSON([]byte(text))
		if (err == nil) != (wrong == nil) {
			t.Errorf("%s: %v; the standard library: %v", name, err, wrong)
			continue
		}
		if diff := cmp.Diff(want, got); err == nil && diff != "" {
			t.Errorf("%s (-standard library +got):\n%s", name, diff)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range changed(f) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var got Envelope
		if !got.readEncoded(text) {
			return
		}
		want, err := asTheStandardLibrary(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}
