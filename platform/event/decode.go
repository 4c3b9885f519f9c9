package event

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// UnmarshalJSON reads an envelope, whose data is then what it was before Encode put it on lines.
func (e *Envelope) UnmarshalJSON(text []byte) error {
	if e.readEncoded(text) {
		return nil
	}
	type bare Envelope
	if err := json.Unmarshal(text, (*bare)(e)); err != nil {
		return err
	}
	data, err := compact(e.Data)
	if err != nil && len(e.Data) > 0 {
		return err
	}
	e.Data = data
	return nil
}

func compact(data []byte) ([]byte, error) {
	compacted := bytes.NewBuffer(make([]byte, 0, len(data)))
	err := json.Compact(compacted, data)
	return compacted.Bytes(), err
}

// The last attribute that Encode writes begins and ends so. Nowhere else is a line broken before a name that is indented as much.
const (
	beforeData = "\n  \"data\": "
	afterData  = "\n}"
)

// readEncoded reads what Encode has written and looks at the data once, where encoding/json would three times: most of a large message is
// data. Of what is written in any other way it reads nothing and answers false.
func (e *Envelope) readEncoded(text []byte) bool {
	at := bytes.Index(text, []byte(beforeData))
	if at < 0 || !bytes.HasSuffix(text[at+len(beforeData):], []byte(afterData)) {
		return false
	}
	read := *e
	if !read.readAttributes(string(text[:at])) {
		return false
	}
	data, err := compact(text[at+len(beforeData) : len(text)-len(afterData)])
	if err != nil {
		return false
	}
	read.Data = data
	*e = read
	return true
}

// readAttributes reads all that comes before the data.
func (e *Envelope) readAttributes(text string) bool {
	a := attributes{rest: text}
	a.skip("{")
	a.text("specversion", &e.SpecVersion)
	id, at := "", ""
	a.text("id", &id)
	a.text("source", &e.Source)
	a.text("type", &e.Type)
	a.text("subject", &e.Subject)
	a.text("time", &at)
	a.text("datacontenttype", &e.DataContentType)
	a.text("dataschema", &e.DataSchema)
	e.DataVersion = int(a.number("dataversion"))
	e.Sequence = a.number("sequence")
	a.optional("correlationid", &e.CorrelationID)
	a.optional("causationid", &e.CausationID)
	a.optional("ordernumber", &e.OrderNumber)
	a.optional("traceparent", &e.TraceParent)
	a.optional("replyto", &e.ReplyTo)
	if a.other || a.rest != "" {
		return false
	}
	var err error
	if e.ID, err = uuid.Parse(id); err != nil {
		return false
	}
	return e.Time.UnmarshalText([]byte(at)) == nil
}

// attributes are those that are not read yet. Other is set when something is not as Encode writes it.
type attributes struct {
	rest  string
	other bool
}

func (a *attributes) skip(prefix string) {
	rest, found := strings.CutPrefix(a.rest, prefix)
	a.rest, a.other = rest, a.other || !found
}

// value answers what stands between a name and the end of its line.
func (a *attributes) value(name string) string {
	a.skip("\n  \"")
	a.skip(name)
	a.skip(`": `)
	line := a.rest
	if end := strings.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	a.rest = a.rest[len(line):]
	value, found := strings.CutSuffix(line, ",")
	a.other = a.other || !found
	return value
}

func (a *attributes) text(name string, into *string) {
	value := a.value(name)
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' || !plain(value[1:len(value)-1]) {
		a.other = true
		return
	}
	*into = value[1 : len(value)-1]
}

func (a *attributes) optional(name string, into *string) {
	if rest, is := strings.CutPrefix(a.rest, "\n  \""); is && strings.HasPrefix(rest, name+`": "`) {
		a.text(name, into)
	}
}

// number reads one that is written in no other way.
func (a *attributes) number(name string) int64 {
	value := a.value(name)
	n, err := strconv.ParseInt(value, 10, 64)
	a.other = a.other || err != nil || strconv.FormatInt(n, 10) != value
	return n
}
