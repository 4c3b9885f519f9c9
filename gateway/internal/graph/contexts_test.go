package graph

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"quadrille.dev/gateway/internal/acl"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
)

// asked is a context that answers after a while, or not in time.
type asked struct {
	operationsv1connect.OperationsServiceClient
	after time.Duration
}

func (a asked) GetStatus(ctx context.Context, _ *operationsv1.GetStatusRequest) (*operationsv1.GetStatusResponse, error) {
	select {
	case <-time.After(a.after):
		return &operationsv1.GetStatusResponse{}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// All are asked at once, and those that hang are waited for no longer than a second.
func TestContextsThatHangAreToldAsUnreachableAfterASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of := func(name string, after time.Duration) *acl.Operations {
			return acl.NewOperations(name, asked{after: after})
		}
		resolver := query{&Resolver{Contexts: &acl.Contexts{Operations: []*acl.Operations{
			of("catalog", time.Hour), of("pricing", 900*time.Millisecond), of("billing", time.Hour), of("ordering", 0),
		}}}}
		begun := time.Now()
		contexts, err := resolver.Contexts(t.Context())
		if took := time.Since(begun); err != nil || took != time.Second {
			t.Errorf("took %s, %v", took, err)
		}
		reachable := map[string]bool{"catalog": false, "pricing": true, "billing": false, "ordering": true, "gateway": true}
		for _, c := range contexts {
			if c.Reachable != reachable[c.Name] {
				t.Errorf("%s is reachable: %t", c.Name, c.Reachable)
			}
		}
	})
}
