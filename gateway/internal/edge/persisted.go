package edge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/fault"
)

const (
	// documentID is where a request's document id is kept among its extensions.
	documentID = "documentId"
	// remembered is how many bytes of documents are kept that clients have named by their hash.
	remembered = 4 << 20
)

// persisted finds the documents of requests that only name them, among the trusted ones and among those that clients have registered by
// sending them once with their hash.
type persisted struct {
	mode       string
	trusted    trusted
	registered texts[string]
	log        *slog.Logger
}

var _ interface {
	graphql.OperationParameterMutator
	graphql.OperationContextMutator
} = persisted{}

func newPersisted(mode string, trusted trusted, log *slog.Logger) persisted {
	return persisted{mode, trusted, newTexts(remembered, func(hash, document string) int { return len(hash) + len(document) }), log}
}

// ExtensionName is for gqlgen.
func (persisted) ExtensionName() string { return "Persisted" }

// Validate is for gqlgen.
func (persisted) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters is for gqlgen.
func (p persisted) MutateOperationParameters(ctx context.Context, request *graphql.RawParams) *gqlerror.Error {
	id, hash, err := named(request.Extensions)
	switch {
	case err != nil:
		return err
	case request.Query == "":
		return p.find(ctx, id, request)
	case hash != "" && hash != digest(request.Query):
		return refused(fault.BadUserInput, "The hash is not that of the query.")
	case p.mode == trustOff || p.trusted.trusts(request.Query):
		return nil
	case p.mode == trustOnly:
		return refused(fault.DocumentNotTrusted, "Only the documents of known clients are served.")
	}
	p.log.InfoContext(ctx, "document not trusted", "operation", request.OperationName, "sha256", digest(request.Query))
	return nil
}

func (p persisted) find(ctx context.Context, id string, request *graphql.RawParams) *gqlerror.Error {
	if document, known := p.trusted.byID[id]; known {
		request.Query = document
		return nil
	}
	document, known := p.registered.Get(ctx, id)
	if !known {
		// By this message clients know that they have to send the document.
		return refused(fault.PersistedQueryNotFound, "PersistedQueryNotFound")
	}
	request.Query = document
	return nil
}

// MutateOperationContext is for gqlgen. It registers documents, which are valid when they have come so far.
func (p persisted) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	if _, hash, err := named(operation.Extensions); err == nil && hash != "" && p.mode != trustOnly {
		p.registered.Add(ctx, hash, operation.RawQuery)
	}
	return nil
}

// named is the id of a document, and its hash if a client says it: as documentId, which may be a hash too, or as
// https://www.apollographql.com/docs/apollo-server/performance/apq has it.
func named(extensions map[string]any) (id, hash string, wrong *gqlerror.Error) {
	if id, given := extensions[documentID].(string); given {
		return strings.TrimPrefix(id, "sha256:"), "", nil
	}
	if extensions["persistedQuery"] == nil {
		return "", "", nil
	}
	query, _ := extensions["persistedQuery"].(map[string]any)
	hash, _ = query["sha256Hash"].(string)
	if sum, err := hex.DecodeString(hash); err != nil || len(sum) != sha256.Size || fmt.Sprint(query["version"]) != "1" {
		return "", "", refused(fault.BadUserInput, "A persisted query is of version 1, and has a sha256Hash.")
	}
	return hash, hash, nil
}

func digest(document string) string {
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}

func refused(code fault.Code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}
