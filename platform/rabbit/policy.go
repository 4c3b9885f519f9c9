package rabbit

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
)

// policiesEvery is how often a context looks whether its queues have their policies.
const policiesEvery = time.Minute

// Policy is what the broker does with the messages of the queues that it is for. It belongs to an administrator, who can change it
// while queues are in use, where a queue's arguments last as long as the queue.
type Policy struct {
	Name string `json:"name"`
	// Pattern is a regular expression of the queues' names.
	Pattern    string         `json:"pattern"`
	ApplyTo    string         `json:"apply-to"`
	Definition map[string]any `json:"definition"`
	Priority   int            `json:"priority"`
}

// policyOf is the policy of one queue, under its name: no two policies apply to a queue at once.
func policyOf(queue string, definition map[string]any) Policy {
	return Policy{Name: queue, Pattern: "^" + regexp.QuoteMeta(queue) + "$", ApplyTo: "queues", Definition: definition}
}

// keeping is the policy of a queue that gives nothing up: what it cannot deliver goes to an exchange of dead letters, and stays until it
// has arrived there.
func keeping(queue, dead string) Policy {
	return policyOf(queue, map[string]any{
		"delivery-limit":       int64(deliveryLimit),
		"dead-letter-exchange": dead,
		"dead-letter-strategy": "at-least-once",
		// Without this, dead letters travel at most once.
		"overflow": "reject-publish",
	})
}

// ruled is what the management API tells of how a queue is ruled, some seconds late. Effective is nil until it knows.
type ruled struct {
	Name      string         `json:"name"`
	Effective map[string]any `json:"effective_policy_definition"`
	Arguments map[string]any `json:"arguments"`
}

// Unruled tells which of the context's queues lack what their policies say, such as "billing.inbox has no dead-letter-exchange". What a
// queue has as an argument it does not lack, and another value is an administrator's business. Without a management API it answers none.
func (b *Broker) Unruled(ctx context.Context) ([]string, error) {
	if b.config.ManagementURL == "" {
		return nil, nil
	}
	var queues []ruled
	path := func(vhost string) string {
		return "/api/queues/" + vhost + "?columns=name,effective_policy_definition,arguments"
	}
	if err := b.ask(ctx, path, &queues); err != nil {
		return nil, fmt.Errorf("ask for policies: %w", err)
	}
	var lacking []string
	for _, policy := range TopologyOf(b.config.Name, nil).Policies {
		if i := slices.IndexFunc(queues, func(q ruled) bool { return q.Name == policy.Name }); i >= 0 {
			lacking = append(lacking, queues[i].lacks(policy)...)
		}
	}
	return lacking, nil
}

func (q ruled) lacks(policy Policy) []string {
	if q.Effective == nil {
		return nil
	}
	var lacking []string
	for _, key := range slices.Sorted(maps.Keys(policy.Definition)) {
		_, byPolicy := q.Effective[key]
		_, byArgument := q.Arguments["x-"+key]
		if !byPolicy && !byArgument {
			lacking = append(lacking, q.Name+" has no "+key)
		}
	}
	return lacking
}

// watchPolicies says so for as long as a queue of the context lacks its policy, which the context has no right to set. It ends with ctx.
func (b *Broker) watchPolicies(ctx context.Context) {
	look := time.NewTicker(policiesEvery)
	defer look.Stop()
	for {
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
		lacking, err := b.Unruled(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			b.log.Warn("cannot look at policies", "error", err)
		case len(lacking) > 0:
			b.log.Warn("policies are missing: an administrator has to import the definitions", "lacking", lacking)
		}
	}
}
