package edge

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// increment is a part that was deferred, for its place in what came before.
type increment struct {
	answer
	Label string   `json:"label,omitempty"`
	Path  ast.Path `json:"path"`
}

// sendParts answers in parts, each as soon as it is there and the part is sent that it has its place in:
// https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md
func sendParts(ctx context.Context, w http.ResponseWriter, first *graphql.Response, rest graphql.ResponseHandler) {
	pending := undelivered{graphql.GetOperationContext(ctx)}
	first.Data = pending.first(first.Data)
	w.Header().Set("Content-Type", multipart+`; boundary="-"; deferSpec=20220824`)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept")
	_, _ = fmt.Fprint(w, "---\r\n")
	sendPart(w, struct {
		answer
		HasNext bool `json:"hasNext"`
	}{whole(first), true}, false)
	parts := partsBehind(first)
	// All parts are taken also when the client has gone: whoever resolves them waits for that.
	for more := true; more; {
		response := rest(ctx)
		if response == nil {
			return
		}
		if response.Path == nil {
			response.Path = ast.Path{}
		}
		response.Data = pending.at(response.Path, response.Data)
		more = response.HasNext != nil && *response.HasNext
		parts.come(increment{answer{Errors: response.Errors, Data: response.Data}, response.Label, response.Path})
		for part, ready := parts.next(!more); ready; part, ready = parts.next(!more) {
			hasNext := more || len(parts.early) > 0
			sendPart(w, struct {
				Incremental []increment `json:"incremental"`
				HasNext     bool        `json:"hasNext"`
			}{[]increment{part}, hasNext}, !hasNext)
		}
	}
}

// sendPart also says at once that the part has ended, for which clients wait.
func sendPart(w http.ResponseWriter, part any, last bool) {
	body, err := json.Marshal(part)
	if err != nil {
		panic(fmt.Errorf("encode part: %w", err)) // it is of resolvers' making, and none writes what is not JSON
	}
	end := "\r\n---\r\n"
	if last {
		end = "\r\n-----\r\n"
	}
	// A broken connection is the client's.
	_, _ = fmt.Fprintf(w, "Content-Type: %s; charset=utf-8\r\n\r\n%s%s", plainJSON, body, end)
	_ = http.NewResponseController(w).Flush()
}
