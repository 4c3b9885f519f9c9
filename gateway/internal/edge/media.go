package edge

import (
	"cmp"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The forms in which an answer can be had. Under graphQLJSON the status tells whether anything was executed; under plainJSON, which
// many servers and caches on the way give to answers of their own, a well-formed request is always answered with 200.
const (
	plainJSON   = "application/json"
	graphQLJSON = "application/graphql-response+json"
	multipart   = "multipart/mixed"
	eventStream = "text/event-stream"
)

// accepted is what a client can take.
type accepted struct {
	// whole is the form of an answer in one piece; empty when the client takes none that there is.
	whole string
	// parts tells that an answer may come in parts.
	parts bool
}

// accepts reads what a client prefers. One that does not say takes plainJSON.
func accepts(r *http.Request) accepted {
	values := r.Header.Values("Accept")
	if len(values) == 0 {
		return accepted{whole: plainJSON}
	}
	ranges := mediaRanges(strings.Join(values, ","))
	var best accepted
	for _, one := range ranges {
		switch one.name {
		case plainJSON, graphQLJSON:
			best.whole = cmp.Or(best.whole, one.name)
		case "application/*", "*/*":
			best.whole = cmp.Or(best.whole, plainJSON)
		case multipart:
			best.parts = true
		}
	}
	if best.parts {
		best.whole = cmp.Or(best.whole, plainJSON)
	}
	return best
}

type mediaRange struct {
	name    string
	quality float64
}

// mediaRanges are those of an Accept header that are wanted at all, the most wanted first and what is named before what is not.
func mediaRanges(header string) []mediaRange {
	var ranges []mediaRange
	for part := range strings.SplitSeq(header, ",") {
		name, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality := 1.0
		if q, given := parameters["q"]; given {
			if quality, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		if quality > 0 {
			ranges = append(ranges, mediaRange{name, quality})
		}
	}
	slices.SortStableFunc(ranges, func(a, b mediaRange) int {
		return cmp.Or(cmp.Compare(b.quality, a.quality), cmp.Compare(strings.Count(a.name, "*"), strings.Count(b.name, "*")))
	})
	return ranges
}

// isJSON tells whether a request's body says that it is JSON in UTF-8, which it is also when it names no character set.
func isJSON(r *http.Request) bool {
	name, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := cmp.Or(strings.ToLower(parameters["charset"]), "utf-8")
	return err == nil && name == plainJSON && (charset == "utf-8" || charset == "utf8")
}
