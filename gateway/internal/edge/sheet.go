package edge

import (
	"net/http"
	"sync"

	"github.com/99designs/gqlgen/graphql"
)

// sheet is a buffer in which an answer is written, from its first byte to its last: the data is appended to it where it has to be.
type sheet struct{ text []byte }

// head is what an answer begins with that has nothing to tell but data.
const head = `{"data":`

// mostKept is how many bytes a sheet may have that is used again. A larger one is rare, and would be kept for small answers.
const mostKept = 1 << 20

var sheets = sync.Pool{New: func() any { return &sheet{make([]byte, 0, 16<<10)} }}

// newSheet is an empty sheet.
func newSheet() *sheet {
	sheet := sheets.Get().(*sheet)
	sheet.text = append(sheet.text[:0], head...)
	return sheet
}

// free is for a sheet that nobody looks at any more. One that somebody might is left to the garbage collector.
func (s *sheet) free() {
	if cap(s.text) <= mostKept {
		sheets.Put(s)
	}
}

// send answers with a response whose data may be on the sheet.
func (s *sheet) send(w http.ResponseWriter, form string, response *graphql.Response) {
	answer := whole(response)
	if len(answer.Errors) == 0 && s.has(answer.Data) {
		s.text = append(s.text, ',')
		if len(answer.Extensions) > 0 {
			s.text = append(appendJSON(append(s.text, `"extensions":`...), answer.Extensions), ',')
		}
		s.text = closed(s.text)
		sendText(w, form, http.StatusOK, s.text)
		return
	}
	begin := len(s.text)
	s.text = answer.append(s.text)
	sendText(w, form, http.StatusOK, s.text[begin:])
}

// has tells whether data is what the sheet has behind its head.
func (s *sheet) has(data []byte) bool {
	return len(data) > 0 && len(s.text) == len(head)+len(data) && &s.text[len(head)] == &data[0]
}
