package customers_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/serve"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

func TestRegistrationIsIdempotent(t *testing.T) {
	r := start(t)
	request := registration("mary@quadrille.test")
	responses := make([]*customersv1.RegisterCustomerResponse, 5)
	var all sync.WaitGroup
	for i := range responses {
		all.Go(func() {
			response, err := r.gateway().RegisterCustomer(t.Context(), request)
			if err != nil {
				t.Errorf("register: %v", err)
			}
			responses[i] = response
		})
	}
	all.Wait()
	first := 0
	for _, response := range responses {
		if !response.GetReplayed() {
			first++
		}
		if response.GetCustomer().GetId() != responses[0].GetCustomer().GetId() || response.GetToken().GetToken() == "" {
			t.Errorf("answered %v", response)
		}
	}
	if first != 1 {
		t.Errorf("%d answers are not replayed", first)
	}
	if facts := r.facts(t, responses[0].GetCustomer().GetId()); len(facts) != 3 {
		t.Errorf("%d facts published", len(facts))
	}
}

func TestAKeyBelongsToOneInput(t *testing.T) {
	r := start(t)
	request := registration("mary@quadrille.test")
	if _, err := r.gateway().RegisterCustomer(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*customersv1.RegisterCustomerRequest){
		"other e-mail":   func(m *customersv1.RegisterCustomerRequest) { m.Email = "other@quadrille.test" },
		"other name":     func(m *customersv1.RegisterCustomerRequest) { m.Name = "Other" },
		"no phone":       func(m *customersv1.RegisterCustomerRequest) { m.Phone = nil },
		"other password": func(m *customersv1.RegisterCustomerRequest) { m.Password = "battery staple" },
	} {
		t.Run(name, func(t *testing.T) {
			other := registration("mary@quadrille.test")
			other.IdempotencyKey = request.IdempotencyKey
			change(other)
			response, err := r.gateway().RegisterCustomer(t.Context(), other)
			if err != nil {
				t.Fatal(err)
			}
			if response.Token != nil || response.Customer != nil {
				t.Error("a token for somebody else")
			}
			want := problem("IDEMPOTENCY_CONFLICT", "idempotencyKey")
			want.Details = map[string]string{"idempotencyKey": request.IdempotencyKey}
			sameProblems(t, []*problemv1.UserError{want}, response.UserErrors)
		})
	}
}

func TestKeysOfOthersAreOtherKeys(t *testing.T) {
	r := start(t)
	request := registration("mary@quadrille.test")
	if _, err := r.gateway().RegisterCustomer(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	other := registration("other@quadrille.test")
	other.IdempotencyKey = request.IdempotencyKey
	operator := serve.WithToken(t.Context(), r.signIn(t, "olga@quadrille.test", "quadrille"))
	response, err := r.gateway().RegisterCustomer(operator, other)
	if err != nil || len(response.UserErrors) > 0 || response.Replayed {
		t.Errorf("answered %v, %v", response, err)
	}
}

func TestRegistrationIsRefused(t *testing.T) {
	r := start(t)
	r.register(t, "mary@quadrille.test")
	type request = customersv1.RegisterCustomerRequest
	long := strings.Repeat("é", 201)
	for name, c := range map[string]struct {
		change      func(*request)
		code, field string
	}{
		"e-mail in use":    {func(m *request) { m.Email = "MARY@quadrille.test" }, "EMAIL_TAKEN", "email"},
		"no e-mail":        {func(m *request) { m.Email = " " }, "REQUIRED", "email"},
		"bad e-mail":       {func(m *request) { m.Email = "mary" }, "MALFORMED", "email"},
		"named e-mail":     {func(m *request) { m.Email = "Mary <m@quadrille.test>" }, "MALFORMED", "email"},
		"long e-mail":      {func(m *request) { m.Email = strings.Repeat("m", 250) + "@quadrille.test" }, "OUT_OF_RANGE", "email"},
		"no password":      {func(m *request) { m.Password = "" }, "REQUIRED", "password"},
		"short password":   {func(m *request) { m.Password = "1234567" }, "OUT_OF_RANGE", "password"},
		"long password":    {func(m *request) { m.Password = long }, "OUT_OF_RANGE", "password"},
		"no name":          {func(m *request) { m.Name = "" }, "REQUIRED", "name"},
		"long name":        {func(m *request) { m.Name = long }, "OUT_OF_RANGE", "name"},
		"name in two rows": {func(m *request) { m.Name = "Mary\nSomerville" }, "MALFORMED", "name"},
		"bad phone":        {func(m *request) { m.Phone = new("call me") }, "MALFORMED", "phone"},
		"no key":           {func(m *request) { m.IdempotencyKey = "" }, "REQUIRED", "idempotencyKey"},
		"bad key":          {func(m *request) { m.IdempotencyKey = "1" }, "MALFORMED", "idempotencyKey"},
		"key in braces":    {func(m *request) { m.IdempotencyKey = "{" + m.IdempotencyKey + "}" }, "MALFORMED", "idempotencyKey"},
		"everybody's key":  {func(m *request) { m.IdempotencyKey = uuid.Nil.String() }, "MALFORMED", "idempotencyKey"},
	} {
		t.Run(name, func(t *testing.T) {
			m := registration("new@quadrille.test")
			c.change(m)
			r.mustRefuse(t, m, problem(c.code, c.field))
		})
	}
	r.mustRefuse(t, &request{}, problem("REQUIRED", "email"), problem("REQUIRED", "name"),
		problem("REQUIRED", "password"), problem("REQUIRED", "idempotencyKey"))
	found, err := r.gateway().FindCustomer(t.Context(), &customersv1.FindCustomerRequest{Email: "new@quadrille.test"})
	if err != nil || found.Customer != nil {
		t.Errorf("stored %v, %v", found.GetCustomer(), err)
	}
}

func (r *running) mustRefuse(t *testing.T, m *customersv1.RegisterCustomerRequest, want ...*problemv1.UserError) {
	t.Helper()
	response, err := r.gateway().RegisterCustomer(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if response.Token != nil || response.Customer != nil {
		t.Errorf("answered %v", response)
	}
	sameProblems(t, want, response.UserErrors)
}

// A registration that was refused has not used its key up.
func TestARefusedRegistrationCanBeMended(t *testing.T) {
	r := start(t)
	r.register(t, "mary@quadrille.test")
	request := registration("mary@quadrille.test")
	if response, err := r.gateway().RegisterCustomer(t.Context(), request); err != nil || len(response.UserErrors) != 1 {
		t.Fatalf("answered %v, %v", response, err)
	}
	request.Email = "mary2@quadrille.test"
	if response, err := r.gateway().RegisterCustomer(t.Context(), request); err != nil || response.Replayed || response.Customer == nil {
		t.Errorf("answered %v, %v", response, err)
	}
}

func TestOldKeysAreForgotten(t *testing.T) {
	r := start(t)
	r.register(t, "old@quadrille.test")
	r.register(t, "young@quadrille.test")
	conn, err := pgx.Connect(t.Context(), r.config.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	_, err = conn.Exec(t.Context(), `
		UPDATE claim
		SET at = at - CASE WHEN c.email LIKE 'old%' THEN interval '30 days 1 minute' ELSE interval '29 days 23 hours' END
		FROM customer c WHERE c.id = customer_id`)
	if err != nil {
		t.Fatal(err)
	}
	r.restart(t)
	var left []string
	for len(left) != 1 {
		rows, err := conn.Query(t.Context(), `SELECT email FROM claim JOIN customer ON id = customer_id`)
		if err != nil {
			t.Fatal(err)
		}
		if left, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
	}
	if left[0] != "young@quadrille.test" {
		t.Errorf("left is %v", left)
	}
}
