package edge

import (
	"encoding/json"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// parts puts what was deferred in an order in which a client can place it. gqlgen answers what is deferred in something that is deferred
// itself as soon as it is resolved, and that may be before the other.
type parts struct {
	// sent are those that the client has, the first part among them.
	sent []increment
	// early are those that have come and wait for their place.
	early []increment
}

func partsBehind(first *graphql.Response) *parts {
	return &parts{sent: []increment{{answer: whole(first)}}}
}

func (p *parts) come(part increment) { p.early = append(p.early, part) }

// next is what can be sent now, in the order in which it came. When all have come, that is also what has no place, because the part that had
// it has failed.
func (p *parts) next(all bool) (part increment, ready bool) {
	next := slices.IndexFunc(p.early, p.placed)
	switch {
	case next >= 0:
	case all && len(p.early) > 0:
		next = 0
	default:
		return increment{}, false
	}
	part = p.early[next]
	p.early = slices.Delete(p.early, next, next+1)
	p.sent = append(p.sent, part)
	return part, true
}

// placed tells whether the client has the object that a part belongs to.
func (p *parts) placed(part increment) bool {
	return slices.ContainsFunc(p.sent, func(sent increment) bool {
		if len(sent.Path) > len(part.Path) || !slices.Equal(sent.Path, part.Path[:len(sent.Path)]) {
			return false
		}
		place := within(sent.Data, part.Path[len(sent.Path):])
		return len(place) > 0 && place[0] == '{'
	})
}

// within is what is at a path; nothing if nothing is.
func within(data json.RawMessage, path ast.Path) json.RawMessage {
	for _, step := range path {
		switch step := step.(type) {
		case ast.PathName:
			var object map[string]json.RawMessage
			if json.Unmarshal(data, &object) != nil {
				return nil
			}
			data = object[string(step)]
		case ast.PathIndex:
			var list []json.RawMessage
			if json.Unmarshal(data, &list) != nil || int(step) >= len(list) {
				return nil
			}
			data = list[step]
		}
	}
	return data
}
