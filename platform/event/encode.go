package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// Encode is the envelope as it travels: on lines of its own for each attribute, because RabbitMQ's console wraps none. It is what
// json.MarshalIndent makes of it.
func (e Envelope) Encode() ([]byte, error) {
	b := make([]byte, 0, 640+2*len(e.Data))
	b = append(b, `{`...)
	b = appendText(b, `specversion`, e.SpecVersion)
	b = appendText(b, `id`, e.ID.String())
	b = appendText(b, `source`, e.Source)
	b = appendText(b, `type`, e.Type)
	b = appendText(b, `subject`, e.Subject)
	b = append(appendName(b, `time`), '"')
	b = append(e.Time.AppendFormat(b, time.RFC3339Nano), `",`...)
	b = appendText(b, `datacontenttype`, e.DataContentType)
	b = appendText(b, `dataschema`, e.DataSchema)
	b = append(strconv.AppendInt(appendName(b, `dataversion`), int64(e.DataVersion), 10), ',')
	b = append(strconv.AppendInt(appendName(b, `sequence`), e.Sequence, 10), ',')
	for _, optional := range [...]struct{ name, value string }{
		{`correlationid`, e.CorrelationID},
		{`causationid`, e.CausationID},
		{`ordernumber`, e.OrderNumber},
		{`traceparent`, e.TraceParent},
		{`replyto`, e.ReplyTo},
	} {
		if optional.value != "" {
			b = appendText(b, optional.name, optional.value)
		}
	}
	return e.appendData(appendName(b, `data`))
}

func (e Envelope) appendData(b []byte) ([]byte, error) {
	if e.Data == nil {
		return append(b, "null\n}"...), nil
	}
	indented := bytes.NewBuffer(b)
	if err := json.Indent(indented, e.Data, "  ", "  "); err != nil {
		return nil, fmt.Errorf("data of %s: %w", e.Name(), err)
	}
	indented.WriteString("\n}")
	return indented.Bytes(), nil
}

func appendName(b []byte, name string) []byte {
	b = append(b, "\n  \""...)
	return append(append(b, name...), `": `...)
}

func appendText(b []byte, name, value string) []byte {
	b = appendName(b, name)
	if plain(value) {
		b = append(append(append(b, '"'), value...), '"')
	} else {
		quoted, _ := json.Marshal(value) // A string can always be JSON.
		b = append(b, quoted...)
	}
	return append(b, ',')
}

// plain tells whether a string is between quotes what it is in JSON.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}
