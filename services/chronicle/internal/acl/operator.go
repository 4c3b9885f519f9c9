package acl

import (
	"strings"

	"quadrille.dev/platform/event"

	"quadrille.dev/services/chronicle/internal/app"
)

// operatorActed ends the name of the fact by which every context tells what an operator did.
const operatorActed = ".operator.acted"

// acted reads what an operator did; nil from any other fact, and from a version that does not say it in this way.
func acted(e event.Envelope) *app.Action {
	if !strings.HasSuffix(e.Name(), operatorActed) {
		return nil
	}
	done, err := event.Data[action](e)
	if err != nil || done.Actor == "" || done.Action == "" {
		return nil
	}
	return &app.Action{Actor: text(done.Actor), Action: text(done.Action), Target: text(done.Target), Detail: text(done.Detail)}
}

type action struct {
	Actor  string `json:"actor"`
	Action string `json:"action"`
	Target string `json:"target"`
	Detail string `json:"detail"`
}
