package acl

import (
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/inbox"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

func recalledOfReturns() inbox.Routes[app.Store] {
	routes := inbox.Routes[app.Store]{
		recalledReturn("ordering.return.requested", requestedAgain),
		recalledReturn("ordering.return.stepStarted", func(d ofStep) (returns.Event, error) { return returns.StepStarted{Step: d.Step}, nil }),
		recalledReturn("ordering.return.stepCompleted", func(d stepCompleted) (returns.Event, error) {
			return returns.StepCompleted{Step: d.Step, Reference: d.Reference}, nil
		}),
		recalledReturn("ordering.return.stepFailed", func(d stepFailed) (returns.Event, error) {
			return returns.StepFailed{Step: d.Step, Cause: d.Cause, Reason: d.Reason}, nil
		}),
		recalledReturn("ordering.return.stepCompensated", func(d stepCompensated) (returns.Event, error) {
			return returns.StepCompensated{Step: d.Step, By: d.By}, nil
		}),
		recalledReturn("ordering.return.completed", func(ofReturn) (returns.Event, error) { return returns.Completed{}, nil }),
		recalledReturn("ordering.return.compensated", func(ofReturn) (returns.Event, error) { return returns.Compensated{}, nil }),
		recalledReturn("ordering.return.needsOperator", func(d needsOperator) (returns.Event, error) {
			return returns.NeedsOperator{Step: d.Step, Attempts: d.Attempts, Reason: d.Reason}, nil
		}),
	}
	for _, step := range returns.Steps {
		for _, c := range []returns.Command{step.Do, step.Undo} {
			routes = append(routes, recalledReturn(command(c), func(ofReturn) (returns.Event, error) { return returns.Commanded{Command: c}, nil }))
		}
	}
	return routes
}

func requestedAgain(d returnRequested) (returns.Event, error) {
	id, err := uuid.Parse(d.OrderID)
	if err != nil {
		return nil, fmt.Errorf("order: %w", err)
	}
	customer, err := uuid.Parse(d.CustomerID)
	return returns.Requested{Request: returns.Request{
		OrderID: order.ID{UUID: id}, OrderNumber: d.OrderNumber, CustomerID: order.CustomerID{UUID: customer},
		Lines: d.Lines, Refund: d.Refund, Reason: d.Reason,
	}}, err
}

// recalledReturn reads a fact or command back into the event of a return that it was published for.
func recalledReturn[D any](name string, read func(D) (returns.Event, error)) inbox.Route[app.Store] {
	return inbox.On(name, ownWords(func(id uuid.UUID, d D) (app.ToldOfReturn, error) {
		told, err := read(d)
		return app.ToldOfReturn{Return: returns.ID{UUID: id}, Event: told}, err
	}), app.RecallReturn)
}
