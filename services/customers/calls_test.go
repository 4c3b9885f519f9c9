package customers_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/testing/protocmp"

	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

func registration(email string) *customersv1.RegisterCustomerRequest {
	return &customersv1.RegisterCustomerRequest{
		Email: email, Password: "correct horse", Name: "Mary Somerville", Phone: new("+44 20 7946 0000"),
		IdempotencyKey: uuid.NewString(),
	}
}

func (r *running) register(t *testing.T, email string) *customersv1.RegisterCustomerResponse {
	t.Helper()
	response, err := r.gateway().RegisterCustomer(t.Context(), registration(email))
	if err != nil || len(response.UserErrors) > 0 {
		t.Fatalf("register %s: %v, %v", email, response.GetUserErrors(), err)
	}
	return response
}

func (r *running) signIn(t *testing.T, email, password string) string {
	t.Helper()
	response, err := r.gateway().SignIn(t.Context(), &customersv1.SignInRequest{Email: email, Password: password})
	if err != nil || response.Token == nil {
		t.Fatalf("sign in %s: %v, %v", email, response.GetUserErrors(), err)
	}
	return response.Token.Token
}

func problem(code string, path ...string) *problemv1.UserError {
	return &problemv1.UserError{Code: code, Path: path}
}

// sameProblems compares all but the sentences for people, which must be there.
func sameProblems(t *testing.T, want, got []*problemv1.UserError) {
	t.Helper()
	for _, p := range got {
		if p.Message == "" {
			t.Errorf("%v has no message", p)
		}
	}
	if diff := cmp.Diff(want, got, protocmp.Transform(), protocmp.IgnoreFields(&problemv1.UserError{}, "message")); diff != "" {
		t.Error(diff)
	}
}

func get(t *testing.T, url string) (http.Header, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.Header, string(body)
}
