package acl

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/refund"
)

// AskForReturn makes a call for a return. An error means that the answer is lost.
func (p *Provider) AskForReturn(ctx context.Context, call app.RefundCall) (app.Answer, error) {
	switch call.Operation {
	case refund.Give:
		return p.giveBack(ctx, call)
	case refund.Find:
		return p.find(ctx, call, "")
	case refund.NoOperation:
	}
	return app.Answer{}, fmt.Errorf("ask the provider: no operation %q", call.Operation)
}

func (p *Provider) giveBack(ctx context.Context, call app.RefundCall) (app.Answer, error) {
	form := url.Values{
		"payment_intent":      {call.ChargeID},
		"amount":              {strconv.FormatInt(call.Amount.Minor, 10)},
		"metadata[return_id]": {call.Return.String()},
	}
	status, body, err := p.send(ctx, http.MethodPost, "/v1/refunds", call.Key(), strings.NewReader(form.Encode()))
	if err != nil {
		return app.Answer{}, err
	}
	return understandRefund(status, body)
}

type stripesRefund struct {
	ID       string
	Status   string
	Metadata struct {
		ReturnID string `json:"return_id"`
	}
}

// hears is what the state of a refund says; an error where it may still change.
func (r stripesRefund) hears() (app.Answer, error) {
	switch {
	case r.Status == "succeeded" && r.ID != "":
		return app.Answer{Outcome: app.Done, Reference: r.ID}, nil
	case r.Status == "failed" || r.Status == "canceled":
		return app.Answer{Outcome: app.Refused, Reason: "The refund has " + r.Status + "."}, nil
	}
	return app.Answer{}, fmt.Errorf("understand the provider: refund %q is %q", r.ID, r.Status)
}

// understandRefund turns Stripe's answer into ours. Only what says for certain that nothing was done, and will not be under this key, is a
// refusal: neither is that a key was used for something else, or that the provider does not let us ask.
func understandRefund(status int, body []byte) (app.Answer, error) {
	var said struct {
		stripesRefund

		Error struct{ Type, Code, Message string }
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return app.Answer{}, fmt.Errorf("understand the provider, status %d: %w", status, err)
	}
	invalid := (status == http.StatusBadRequest || status == http.StatusNotFound) && said.Error.Type == "invalid_request_error"
	switch {
	case status == http.StatusOK:
		return said.hears()
	case status == http.StatusPaymentRequired || invalid:
		reason := cmp.Or(said.Error.Message, said.Error.Code, "The payment provider refused.")
		return app.Answer{Outcome: app.Refused, Reason: reason}, nil
	}
	return app.Answer{}, fmt.Errorf("understand the provider: status %d, %s %s", status, said.Error.Type, said.Error.Code)
}

// find looks through the refunds of the charge for that of the return, from the one after another on.
func (p *Provider) find(ctx context.Context, call app.RefundCall, after string) (app.Answer, error) {
	query := url.Values{"payment_intent": {call.ChargeID}, "limit": {"100"}}
	if after != "" {
		query.Set("starting_after", after)
	}
	status, body, err := p.send(ctx, http.MethodGet, "/v1/refunds?"+query.Encode(), "", http.NoBody)
	if err != nil {
		return app.Answer{}, err
	}
	var list struct {
		Object  string
		Data    []stripesRefund
		HasMore bool `json:"has_more"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return app.Answer{}, fmt.Errorf("understand the provider, status %d: %w", status, err)
	}
	if status != http.StatusOK || list.Object != "list" {
		return app.Answer{}, fmt.Errorf("understand the provider: status %d, object %q", status, list.Object)
	}
	for _, r := range list.Data {
		if r.Metadata.ReturnID == call.Return.String() && r.Status != "failed" && r.Status != "canceled" {
			return r.hears()
		}
	}
	if list.HasMore && len(list.Data) > 0 {
		return p.find(ctx, call, list.Data[len(list.Data)-1].ID)
	}
	return app.Answer{Outcome: app.Refused, Reason: "The provider knows of no refund."}, nil
}
