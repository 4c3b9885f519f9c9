package edge

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"weak"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// mostPrices bounds the prices that are known. When there are as many, they are found out anew.
	mostPrices = 4096
	// longestOutline bounds how much is looked at of variables.
	longestOutline = 512
)

// prices are what operations cost by all of their variables that it depends on. An operation that is forgotten elsewhere is not kept for
// its price.
type prices struct {
	mu    sync.RWMutex
	known map[priced]Cost
}

type priced struct {
	operation weak.Pointer[ast.OperationDefinition]
	outline   string
}

// of is what an operation costs, which find finds out if it is not known.
func (p *prices) of(operation *ast.OperationDefinition, variables map[string]any, find func() Cost) Cost {
	outline, short := appendOutline(make([]byte, 0, 64), variables)
	if !short {
		return find()
	}
	p.mu.RLock()
	cost, known := p.known[priced{weak.Make(operation), string(outline)}]
	p.mu.RUnlock()
	if known {
		return cost
	}
	cost = find()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || len(p.known) >= mostPrices {
		p.known = map[priced]Cost{}
	}
	p.known[priced{weak.Make(operation), string(outline)}] = cost
	return cost
}

// appendOutline writes what a price can depend on of a value: what there is, how much, and numbers. Whatever else a text or a truth value
// says makes no difference. It answers false for what is too long, or of no kind that there usually is.
func appendOutline(outline []byte, value any) (all []byte, short bool) {
	if len(outline) > longestOutline {
		return outline, false
	}
	switch value := value.(type) {
	case nil:
		return append(outline, 'n'), true
	case bool:
		return append(outline, 'b'), true
	case string:
		if mayBeNumber(value) {
			return append(strconv.AppendQuote(outline, value), ','), true
		}
		return append(outline, 's'), true
	case json.Number:
		return append(strconv.AppendQuote(outline, value.String()), ','), true
	case int64:
		return append(strconv.AppendInt(outline, value, 10), ','), true
	case []any:
		return outlineOfList(append(outline, '['), value)
	case map[string]any:
		return outlineOfObject(append(outline, '{'), value)
	default:
		return outline, false
	}
}

// mayBeNumber is true for all texts that are read as a number, and for few others: ids are none.
func mayBeNumber(text string) bool {
	return text != "" && strings.IndexByte("0123456789+-.iInN", text[0]) >= 0 && strings.Count(text, "-") <= 2
}

// outlineOfList tells of elements only how the first looks and how many there are, if all look alike.
func outlineOfList(outline []byte, list []any) (all []byte, short bool) {
	if len(list) > longestOutline {
		return outline, false
	}
	begin, end := len(outline), len(outline)
	for i, element := range list {
		if outline, short = appendOutline(outline[:end:cap(outline)], element); !short {
			return outline, false
		}
		if i == 0 {
			end = len(outline)
		} else if !bytes.Equal(outline[begin:end], outline[end:]) {
			return outline, false // a list of several kinds is rare
		}
	}
	return append(strconv.AppendInt(append(outline[:end], '*'), int64(len(list)), 10), ']'), true
}

func outlineOfObject(outline []byte, object map[string]any) (all []byte, short bool) {
	names := make([]string, 0, 8)
	for name := range object {
		names = append(names, name)
	}
	slices.SortFunc(names, strings.Compare)
	for _, name := range names {
		outline = strconv.AppendQuote(outline, name)
		if outline, short = appendOutline(outline, object[name]); !short {
			return outline, false
		}
	}
	return append(outline, '}'), true
}
