package acl

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/replay"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
	"quadrille.dev/schema/rpc/chronicle/v1/chroniclev1connect"
)

// Chronicle asks chronicle for facts that happened before.
type Chronicle struct {
	Client chroniclev1connect.ChronicleServiceClient
}

// pageSize is how many facts are asked for at once.
const pageSize = 500

// Facts is a source for replays: facts as they were published, without personal data. When each arrived is not told: that is said to
// be when it happened.
func (c Chronicle) Facts(ctx context.Context, window replay.Window, types []string, each func(event.Envelope, time.Time) error) error {
	request := &chroniclev1.ReadFactsRequest{From: timestamppb.New(window.From), Types: types, First: pageSize}
	if !window.To.IsZero() {
		request.To = timestamppb.New(window.To)
	}
	for {
		page, err := c.Client.ReadFacts(ctx, request)
		if err != nil {
			return fmt.Errorf("ask chronicle for facts: %w", err)
		}
		for _, envelope := range page.GetEnvelopes() {
			var fact event.Envelope
			if err := json.Unmarshal(envelope, &fact); err != nil {
				return fmt.Errorf("read what chronicle kept: %w", err)
			}
			if err := each(fact, fact.Time); err != nil {
				return err
			}
		}
		if request.After = page.GetNext(); request.GetAfter() == 0 {
			return nil
		}
	}
}
