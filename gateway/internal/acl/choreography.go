package acl

import (
	"strings"

	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/schema"
)

var styles = map[schema.Style]model.PayloadStyle{
	schema.Notification:  model.PayloadStyleNotification,
	schema.StateTransfer: model.PayloadStyleStateTransfer,
	schema.Delta:         model.PayloadStyleDelta,
	schema.Command:       model.PayloadStyleCommand,
}

// Choreography is every type of message and who reacts to it, by type, as the schemas declare it. What a type's versions say of it differently
// is said by the newest.
func Choreography() []*model.ChoreographyFact {
	consumers := schema.Consumers()
	var facts []*model.ChoreographyFact
	for _, event := range schema.Events() {
		_, key, _ := strings.Cut(event.Name, ".")
		fact := &model.ChoreographyFact{
			Type: event.Name, Context: event.Owner, Consumers: append([]string{}, consumers[event.Name]...), Style: styles[event.Style],
			Exchange: event.Exchange(), RoutingKey: key + ".*", Compensation: event.Compensation(),
		}
		if last := len(facts) - 1; last >= 0 && facts[last].Type == fact.Type {
			facts[last] = fact
		} else {
			facts = append(facts, fact)
		}
	}
	return model.GatherChoreography(facts)
}

// recorded tells whether chronicle records messages of a type: those that are for one context alone it does not hear.
func recorded(kind string) bool {
	for _, event := range schema.Events() {
		if event.Name == kind {
			return !event.Addressed()
		}
	}
	return false
}
