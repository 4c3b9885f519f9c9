package serve

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/inbox"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	pagev1 "quadrille.dev/schema/rpc/page/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

// The limits of what operators ask about parked messages.
const (
	mostParked    = 100
	longestReason = 500
)

func (o operations) ListParked(
	ctx context.Context, request *operationsv1.ListParkedRequest,
) (*operationsv1.ListParkedResponse, error) {
	if caller := CallerFrom(ctx); !caller.IsOperator() && caller.Service == "" {
		return nil, operatorsOnly()
	}
	first := int(request.GetPage().GetFirst())
	if first < 1 || first > mostParked {
		return nil, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("first is %d, not 1 to %d", first, mostParked))
	}
	after, err := readPlace(request.GetPage().GetAfter())
	if err != nil {
		return nil, err
	}
	ids, err := readIDs(request.GetIds(), mostParked)
	if err != nil {
		return nil, err
	}
	page, err := o.host.parking.List(ctx, inbox.ParkedFilter{Fact: request.GetType(), Error: request.GetError(), IDs: ids}, first, after)
	if err != nil {
		return nil, err
	}
	response := &operationsv1.ListParkedResponse{PageInfo: &pagev1.PageInfo{HasNextPage: page.More, TotalCount: int32(page.Total)}}
	for _, message := range page.Messages {
		response.Edges = append(response.Edges, &operationsv1.ListParkedResponse_Edge{
			Cursor:  cursor(inbox.ParkedPlace{FirstFailedAt: message.FirstFailedAt, ID: message.ID, Context: o.host.Name}),
			Message: parkedMessage(message),
		})
	}
	for _, group := range page.Groups {
		response.Groups = append(response.Groups,
			&operationsv1.ParkedGroup{Type: group.Fact, Error: group.Cause, Count: int32(group.Count)})
	}
	return response, nil
}

func (o operations) RetryParked(
	ctx context.Context, request *operationsv1.RetryParkedRequest,
) (*operationsv1.RetryParkedResponse, error) {
	caller := CallerFrom(ctx)
	if !caller.IsOperator() {
		return nil, operatorsOnly()
	}
	retry := inbox.Retry{Actor: caller.Actor(), DryRun: request.GetDryRun()}
	var wrong []*problemv1.UserError
	switch group := request.GetGroup(); {
	case group != nil && len(request.GetIds()) > 0:
		wrong = refuse("MALFORMED", "Name messages or a group, not both.", "group")
	case group != nil:
		retry.Group = &inbox.Group{Fact: group.GetType(), Cause: group.GetError()}
	default:
		wrong = checkIDs(request.GetIds())
	}
	if request.Payload != nil {
		retry.Payload = json.RawMessage(request.GetPayload())
		if len(request.GetIds()) != 1 {
			wrong = append(wrong, refuse("MALFORMED", "A payload can be edited of one message at a time.", "payload")...)
		}
	}
	var err error
	if retry.IDs, err = readIDs(request.GetIds(), mostParked); err != nil {
		return nil, err
	}
	if len(wrong) > 0 {
		return &operationsv1.RetryParkedResponse{UserErrors: wrong}, nil
	}
	return o.retryParked(ctx, retry)
}

func (o operations) retryParked(ctx context.Context, retry inbox.Retry) (*operationsv1.RetryParkedResponse, error) {
	outcome, err := o.host.parking.Retry(ctx, retry)
	if refused, is := errors.AsType[*inbox.PayloadError](err); is {
		return &operationsv1.RetryParkedResponse{
			UserErrors: refuse("MALFORMED", "The payload cannot be used: "+refused.Err.Error()+".", "payload"),
		}, nil
	}
	if err != nil {
		return nil, err
	}
	response := &operationsv1.RetryParkedResponse{Retried: int32(outcome.Count)}
	for _, failed := range outcome.Failed {
		response.Failed = append(response.Failed, &operationsv1.RetryParkedResponse_Failure{Id: failed.ID.String(), Error: failed.Error})
	}
	return response, nil
}

func (o operations) DiscardParked(
	ctx context.Context, request *operationsv1.DiscardParkedRequest,
) (*operationsv1.DiscardParkedResponse, error) {
	caller := CallerFrom(ctx)
	if !caller.IsOperator() {
		return nil, operatorsOnly()
	}
	reason := strings.TrimSpace(request.GetReason())
	if wrong := append(checkIDs(request.GetIds()), checkReason(reason)...); len(wrong) > 0 {
		return &operationsv1.DiscardParkedResponse{UserErrors: wrong}, nil
	}
	ids, err := readIDs(request.GetIds(), mostParked)
	if err != nil {
		return nil, err
	}
	discarded, err := o.host.parking.Discard(ctx, inbox.Discard{Actor: caller.Actor(), IDs: ids, Reason: reason})
	if refused, is := errors.AsType[*inbox.NotParkedError](err); is {
		var wrong []*problemv1.UserError
		for _, id := range refused.IDs {
			wrong = append(wrong, refuse("NOT_FOUND", "No such message is parked.", "ids", strconv.Itoa(slices.Index(request.GetIds(), id.String())))...)
		}
		return &operationsv1.DiscardParkedResponse{UserErrors: wrong}, nil
	}
	if err != nil {
		return nil, err
	}
	return &operationsv1.DiscardParkedResponse{Discarded: int32(discarded)}, nil
}

func operatorsOnly() error {
	return connect.NewError(connect.CodePermissionDenied, errors.New("operators only"))
}

func parkedMessage(message inbox.Parked) *operationsv1.ParkedMessage {
	told := &operationsv1.ParkedMessage{
		Id: message.ID.String(), Type: message.Fact, Subject: message.Subject, Attempts: int32(message.Attempts), Error: message.Error,
		FirstFailedAt: timestamppb.New(message.FirstFailedAt), LastFailedAt: timestamppb.New(message.LastFailedAt),
		Behind: int32(message.Behind),
	}
	if message.Payload != nil {
		told.Payload = new(strings.ToValidUTF8(string(message.Payload), "\uFFFD"))
	}
	return told
}

func readIDs(texts []string, most int) ([]uuid.UUID, error) {
	if len(texts) > most {
		return nil, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("%d ids, at most %d are allowed", len(texts), most))
	}
	var ids []uuid.UUID
	for _, text := range texts {
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("%q is no UUID", text))
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func checkIDs(ids []string) []*problemv1.UserError {
	if len(ids) == 0 {
		return refuse("REQUIRED", "Name the messages.", "ids")
	}
	return nil
}

func checkReason(reason string) []*problemv1.UserError {
	switch {
	case reason == "":
		return refuse("REQUIRED", "Say why.", "reason")
	case utf8.RuneCountInString(reason) > longestReason:
		return refuse("OUT_OF_RANGE", fmt.Sprintf("A reason has at most %d characters.", longestReason), "reason")
	case strings.ContainsFunc(reason, unicode.IsControl):
		return refuse("MALFORMED", "A reason is one line of plain text.", "reason")
	}
	return nil
}

func refuse(code, message string, path ...string) []*problemv1.UserError {
	return []*problemv1.UserError{{Code: code, Message: message, Path: path}}
}

// cursor is a place that a page can start after, whether or not its message is still parked.
func cursor(place inbox.ParkedPlace) string {
	return base64.RawURLEncoding.EncodeToString(
		[]byte(place.FirstFailedAt.UTC().Format(time.RFC3339Nano) + " " + place.ID.String() + " " + place.Context))
}

func readPlace(cursor string) (place inbox.ParkedPlace, err error) {
	if cursor == "" {
		return place, nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.Split(string(decoded), " ")
	if err == nil && len(parts) == 3 {
		place.Context = strings.ReplaceAll(parts[2], "\x00", "")
		if place.FirstFailedAt, err = time.Parse(time.RFC3339Nano, parts[0]); err == nil {
			place.ID, err = uuid.Parse(parts[1])
		}
	}
	if err != nil || len(parts) != 3 {
		return place, connect.NewError(connect.CodeInvalidArgument, errors.New("after is no cursor of parked messages"))
	}
	return place, nil
}
