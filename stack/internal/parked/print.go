package parked

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Write writes a list for people: the messages, and the groups that they make.
func (l List) Write(w io.Writer) {
	if l.TotalCount == 0 {
		fmt.Fprintln(w, "Nothing is parked.")
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CONTEXT\tTYPE\tSUBJECT\tATTEMPTS\tBEHIND\tSINCE\tERROR\tID")
	for _, m := range l.Messages {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\n",
			m.Context, m.Type, m.Subject, m.Attempts, m.Behind, m.FirstFailedAt.Format(time.DateTime), short(m.Error), m.ID)
	}
	_ = table.Flush()
	if left := l.TotalCount - len(l.Messages); left > 0 {
		fmt.Fprintf(w, "… and %d more\n", left)
	}
	fmt.Fprintln(w)
	table = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "COUNT\tCONTEXT\tTYPE\tERROR")
	for _, g := range l.Groups {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", g.Count, g.Context, g.Type, line(g.Error))
	}
	_ = table.Flush()
}

// Write writes all that is known of a message.
func (m Message) Write(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"id", m.ID},
		{"context", m.Context},
		{"type", m.Type},
		{"subject", m.Subject},
		{"attempts", fmt.Sprint(m.Attempts)},
		{"behind", fmt.Sprint(m.Behind)},
		{"first failed", m.FirstFailedAt.Format(time.RFC3339)},
		{"last failed", m.LastFailedAt.Format(time.RFC3339)},
		{"error", line(m.Error)},
	} {
		fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
	}
	_ = table.Flush()
	if m.Payload != nil {
		fmt.Fprintf(w, "\n%s\n", indented(*m.Payload))
	}
}

// indented is JSON for people; what is none stays as it is.
func indented(payload string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(payload), "", "  ") != nil {
		return payload
	}
	return out.String()
}

// widest is how many characters of an error a table shows.
const widest = 60

func short(text string) string {
	text = line(text)
	if runes := []rune(text); len(runes) > widest {
		return string(runes[:widest-1]) + "…"
	}
	return text
}

// line is a text on one line that does nothing to a terminal.
func line(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}
