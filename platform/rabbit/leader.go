package rabbit

import (
	"context"
	"fmt"
)

// QueueState is what the management API tells of a queue's members.
type QueueState struct {
	Name   string  `json:"name"`
	Type   string  `json:"type"`
	Leader *string `json:"leader"`
	State  string  `json:"state"`
}

// QueueColumns are the parts of the management API's answer that a QueueState reads.
const QueueColumns = "name,type,leader,state"

// Headless tells whether nobody takes messages for the queue: it is down, or a quorum queue that has no leader. RabbitMQ may go on
// naming the last leader of one that has none, which then tells no state; neither does any queue in the first seconds of a node.
func (q QueueState) Headless() bool {
	switch q.State {
	case "running", "idle", "flow":
		return q.Type == "quorum" && q.Leader == nil
	case "":
		return q.Type == "quorum"
	default:
		return true
	}
}

// Leaderless names the queues of the virtual host for which nobody can take messages at present, so that what is published to them
// is refused, or never confirmed. Without a management API it answers none.
func (b *Broker) Leaderless(ctx context.Context) ([]string, error) {
	if b.config.ManagementURL == "" {
		return nil, nil
	}
	var queues []QueueState
	if err := b.ask(ctx, func(vhost string) string { return "/api/queues/" + vhost + "?columns=" + QueueColumns }, &queues); err != nil {
		return nil, fmt.Errorf("ask for queues without a leader: %w", err)
	}
	var names []string
	for _, q := range queues {
		if q.Headless() {
			names = append(names, q.Name)
		}
	}
	return names, nil
}
