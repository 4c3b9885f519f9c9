// Package parked lets operators see to parked messages from a command line, through the gateway as any other client.
package parked

import (
	"context"
	"fmt"
	"strings"
	"time"

	"quadrille.dev/stack/client"
)

// Message is a parked message, as the gateway lists it.
type Message struct {
	ID, Context, Type, Subject, Error string
	Attempts, Behind                  int
	FirstFailedAt, LastFailedAt       time.Time
	// Payload is nil when it is too large to be listed.
	Payload *string
}

// Group is the parked messages of one context and type that failed for one reason.
type Group struct {
	Context string `json:"context"`
	Type    string `json:"type"`
	Error   string `json:"error"`
	Count   int    `json:"-"`
}

// Filter restricts a list; empty fields do not.
type Filter struct {
	Context, Type, Error string
	IDs                  []string
}

func (f Filter) variables() map[string]any {
	filter := map[string]any{}
	for name, value := range map[string]string{"type": f.Type, "error": f.Error} {
		if value != "" {
			filter[name] = value
		}
	}
	if f.IDs != nil {
		filter["ids"] = f.IDs
	}
	variables := map[string]any{"filter": filter, "first": 100}
	if f.Context != "" {
		variables["context"] = f.Context
	}
	return variables
}

// List is what is parked. Groups count all that match, Messages are as many as were asked for.
type List struct {
	Messages   []Message
	Groups     []Group
	TotalCount int
}

// API is the gateway, as a signed-in operator calls it.
type API struct{ *client.Client }

const list = `query ($context: String, $filter: ParkedMessageFilter, $first: Int!, $after: String) {
	parkedMessages(context: $context, filter: $filter, first: $first, after: $after) {
		nodes { id context type subject attempts error firstFailedAt lastFailedAt behind payload }
		pageInfo { hasNextPage endCursor }
		totalCount
		groups { context type error count }
	}
}`

// List answers up to most parked messages. An error that says that contexts did not answer comes with what the others said.
func (a API) List(ctx context.Context, filter Filter, most int) (List, error) {
	var all List
	variables := filter.variables()
	for {
		var data struct {
			ParkedMessages *struct {
				Nodes      []Message
				PageInfo   struct{ HasNextPage, EndCursor any }
				TotalCount int
				Groups     []struct {
					Context, Type, Error string
					Count                int
				}
			}
		}
		err := a.Do(ctx, list, variables, &data)
		page := data.ParkedMessages
		if page == nil {
			return all, err
		}
		all.Messages = append(all.Messages, page.Nodes...)
		all.TotalCount, all.Groups = page.TotalCount, nil
		for _, group := range page.Groups {
			all.Groups = append(all.Groups, Group(group))
		}
		if err != nil || len(all.Messages) >= most || page.PageInfo.HasNextPage != true {
			all.Messages = all.Messages[:min(len(all.Messages), most)]
			return all, err
		}
		variables["after"] = page.PageInfo.EndCursor
	}
}

// Retry is what to retry: messages or a group.
type Retry struct {
	IDs     []string
	Group   *Group
	Payload *string
	DryRun  bool
}

// Failure is a message that was not retried, or in vain.
type Failure struct{ ID, Error string }

const retry = `mutation ($input: RetryParkedMessagesInput!) {
	retryParkedMessages(input: $input) { retried failed { id error } userErrors { code message path } }
}`

// Retry has messages tried again.
func (a API) Retry(ctx context.Context, r Retry) (retried int, failed []Failure, err error) {
	input := map[string]any{"dryRun": r.DryRun}
	if r.Group != nil {
		input["group"] = r.Group
	} else {
		input["ids"] = r.IDs
	}
	if r.Payload != nil {
		input["payload"] = *r.Payload
	}
	var data struct {
		RetryParkedMessages struct {
			Retried    int
			Failed     []Failure
			UserErrors []client.UserError
		}
	}
	err = a.Do(ctx, retry, map[string]any{"input": input}, &data)
	if err == nil {
		err = refusal(data.RetryParkedMessages.UserErrors)
	}
	return data.RetryParkedMessages.Retried, data.RetryParkedMessages.Failed, err
}

const discard = `mutation ($input: DiscardParkedMessagesInput!) {
	discardParkedMessages(input: $input) { discarded userErrors { code message path } }
}`

// Discard gives messages up.
func (a API) Discard(ctx context.Context, ids []string, reason string) (discarded int, err error) {
	var data struct {
		DiscardParkedMessages struct {
			Discarded  int
			UserErrors []client.UserError
		}
	}
	err = a.Do(ctx, discard, map[string]any{"input": map[string]any{"ids": ids, "reason": reason}}, &data)
	if err == nil {
		err = refusal(data.DiscardParkedMessages.UserErrors)
	}
	return data.DiscardParkedMessages.Discarded, err
}

// refusal is what the operator did wrong; nil for nothing.
func refusal(wrong []client.UserError) error {
	if len(wrong) == 0 {
		return nil
	}
	told := make([]string, len(wrong))
	for i, one := range wrong {
		told[i] = fmt.Sprintf("%s: %s", strings.Join(one.Path, "."), one.Message)
	}
	return fmt.Errorf("refused: %s", strings.Join(told, "; "))
}
