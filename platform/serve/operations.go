package serve

import (
	"context"
	"runtime/debug"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/rabbit"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
)

// depthTimeout bounds how long the broker may take to tell the depth of a queue. Whoever asks how the context is waits for two
// of them, and is to learn that the context is well also while the broker is not.
const depthTimeout = 300 * time.Millisecond

// operations answers operators how the context is, and sees to its parked messages.
type operations struct{ host *Host }

func (h *Host) serveOperations() {
	h.Handle(operationsv1connect.NewOperationsServiceHandler(operations{h}, h.Options()...))
}

func (o operations) GetStatus(ctx context.Context, _ *operationsv1.GetStatusRequest) (*operationsv1.GetStatusResponse, error) {
	if caller := CallerFrom(ctx); !caller.IsOperator() && caller.Service == "" {
		return nil, operatorsOnly()
	}
	backlog, err := readBacklog(ctx, o.host.DB)
	if err != nil {
		return nil, err
	}
	status := &operationsv1.GetStatusResponse{
		Name:                     o.host.Name,
		Version:                  Version(),
		OutboxBacklog:            backlog.Unpublished,
		OldestUnpublishedSeconds: backlog.Oldest,
		InboxReady:               o.depth(ctx, rabbit.InboxQueue(o.host.Name)),
		Parked:                   backlog.Parked,
		Dead:                     o.depth(ctx, rabbit.DeadQueue(o.host.Name)),
		RelayPaused:              o.host.relay.Paused(),
	}
	o.host.mu.Lock()
	defer o.host.mu.Unlock()
	for _, neighbour := range o.host.neighbours {
		state := neighbour.State()
		status.Breakers = append(status.Breakers, &operationsv1.Breaker{
			To: state.To, State: state.State, Since: timestamppb.New(state.Since), Failures: state.Failures,
		})
	}
	return status, nil
}

// depth is the number of messages ready in a queue; -1 while the broker cannot be asked.
func (o operations) depth(ctx context.Context, queue string) int64 {
	ctx, cancel := context.WithTimeout(ctx, depthTimeout)
	defer cancel()
	depth, err := o.host.Broker.Depth(ctx, queue)
	if err != nil {
		return -1
	}
	return depth
}

// version is the source's revision, set by the linker: builds in a workspace carry none of themselves.
var version string

// Version is the source's revision where the build knows it, else the module's version.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value[:min(12, len(setting.Value))]
		}
	}
	return info.Main.Version
}
