package acl

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/returns"
)

// answerOf reads a context's answers to the commands of its step.
func answerOf(context string) func(event.Envelope) (app.ReturnAnswer, error) {
	return func(e event.Envelope) (app.ReturnAnswer, error) {
		data, err := event.Data[struct {
			ReturnID  uuid.UUID       `json:"returnId"`
			Command   returns.Command `json:"command"`
			Outcome   returns.Outcome `json:"outcome"`
			Reference string          `json:"reference"`
			Reason    string          `json:"reason"`
		}](e)
		if err != nil {
			return app.ReturnAnswer{}, err
		}
		if data.ReturnID == uuid.Nil {
			return app.ReturnAnswer{}, errors.New("no returnId")
		}
		if step, known := returns.StepOf(data.Command); !known || step.Context != context {
			return app.ReturnAnswer{}, fmt.Errorf("%s is not asked for %q", context, data.Command)
		}
		switch data.Outcome {
		case returns.Done, returns.Refused, returns.Undone:
		default:
			return app.ReturnAnswer{}, fmt.Errorf("outcome %q", data.Outcome)
		}
		return app.ReturnAnswer{Return: returns.ID{UUID: data.ReturnID}, Answer: returns.Answer{
			Command: data.Command, Outcome: data.Outcome, Reference: data.Reference, Reason: data.Reason,
		}}, nil
	}
}
