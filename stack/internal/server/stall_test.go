package server

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/rabbit"
)

// What stops here is the one process in the node that speaks for a queue, so that messages are neither taken nor refused.
func TestAQueueThatConfirmsNothingHoldsUpOnlyWhatIsForIt(t *testing.T) {
	node := startNode(t)
	r := relayWith(t, rabbit.Config{URL: node.url, ManagementURL: node.managementURL}, outbox.RelayConfig{Patience: 3 * time.Second})
	all, silent := r.queue(t, "all", "#"), r.queue(t, "silent", "order.cancelled.*")
	r.append(t, "before", 1)
	all.next(t)
	r.awaitRows(t, 0)

	node.control(t, "eval", "sys:suspend('%2F_silent').")
	r.appendNamed(t, "ordering.order.cancelled", "silent", 1)
	const others = 50
	for i := range others {
		r.append(t, fmt.Sprint(i), 1)
	}
	r.awaitRows(t, 1)
	r.logs.await(t, "no confirm from the broker: publishing again over a new channel")
	r.logs.await(t, `aggregate="/ordering silent"`)
	r.logs.await(t, "setApart=[order.cancelled.v1]")

	node.control(t, "eval", "sys:resume('%2F_silent').")
	if fact := silent.next(t); fact.Subject != "silent" {
		t.Errorf("got a fact of %s", fact.Subject)
	}
	r.logs.await(t, "facts are confirmed again")
	r.awaitRows(t, 0)
}

func TestAQueueWithoutALeaderIsNamed(t *testing.T) {
	node := startNode(t)
	r := relayWith(t, rabbit.Config{URL: node.url, ManagementURL: node.managementURL}, outbox.RelayConfig{})
	r.queue(t, "headless", "#")
	r.queue(t, "whole", "#")
	node.control(t, "eval", "ra:stop_server(quorum_queues, {'%2F_headless', node()}).")
	eventually(t, "the queue is named", func() bool {
		names, err := r.broker.Leaderless(t.Context())
		return err == nil && slices.Equal(names, []string{"headless"})
	})
	r.append(t, "1", 1)
	eventually(t, "the fact is refused", func() bool {
		var reason string
		err := r.db.QueryRow(t.Context(), `SELECT coalesce(error, '') FROM outbox`).Scan(&reason)
		return err == nil && reason == "refused by the broker"
	})
	node.control(t, "eval", "ra:restart_server(quorum_queues, {'%2F_headless', node()}).")
	r.awaitRows(t, 0)
}
