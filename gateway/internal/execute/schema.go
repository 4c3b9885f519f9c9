package execute

import (
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/maypok86/otter/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/ast"
)

// Plans makes and keeps plans.
type Plans struct {
	kept  *otter.Cache[planKey, *Plan]
	roots map[ast.Operation]*Object
	meter *Meter
}

// planKey is what a plan depends on.
type planKey struct {
	text, operation string
	// given are the boolean variables of the operation, by which selections can be skipped: two bits for each.
	given uint64
}

// mostFields bounds the plans that are kept, by the fields that are selected in all of them; one field takes about 400 bytes.
const mostFields = 100_000

// NewPlans makes plans for operations whose roots are of these types. An operation of another kind is not planned.
func NewPlans(roots map[ast.Operation]*Object, meter *Meter) *Plans {
	kept := otter.Must(&otter.Options[planKey, *Plan]{
		MaximumWeight: mostFields, Weigher: func(_ planKey, plan *Plan) uint32 { return uint32(plan.fields + 1) },
	})
	return &Plans{kept, roots, meter}
}

// For answers the plan of an operation; nil if it is left to gqlgen's executor, which is counted with the reason.
func (p *Plans) For(operation *graphql.OperationContext) *Plan {
	root := p.roots[operation.Operation.Operation]
	switch {
	case root == nil:
		return p.leave(string(operation.Operation.Operation))
	case strings.Contains(operation.RawQuery, "defer") && defers(operation.Operation.SelectionSet, operation.Doc, map[string]bool{}):
		return p.leave("defer")
	}
	key := planKey{text: operation.RawQuery, operation: operation.OperationName}
	given, fits := conditions(operation)
	key.given = given
	if plan, known := p.kept.GetIfPresent(key); known && fits {
		p.meter.planned.Inc()
		return plan
	}
	made, err := plan(operation, root)
	if err != nil {
		return p.leave(err.Error())
	}
	if fits {
		p.kept.Set(key, made)
	}
	p.meter.planned.Inc()
	return made
}

func (p *Plans) leave(reason string) *Plan {
	p.meter.left.WithLabelValues("gqlgen", reason).Inc()
	return nil
}

// conditions are the values of an operation's boolean variables; they do not fit if there are too many of them.
func conditions(operation *graphql.OperationContext) (given uint64, fits bool) {
	shift := 0
	for _, variable := range operation.Operation.VariableDefinitions {
		if variable.Type.NamedType != "Boolean" {
			continue
		}
		switch operation.Variables[variable.Variable] {
		case true:
			given |= 1 << shift
		case false:
			given |= 2 << shift
		}
		shift += 2
	}
	return given, shift <= 64
}

// defers tells whether anything of a selection may come later than the rest.
func defers(selections ast.SelectionSet, document *ast.QueryDocument, looked map[string]bool) bool {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			if defers(selection.SelectionSet, document, looked) {
				return true
			}
		case *ast.InlineFragment:
			if selection.Directives.ForName("defer") != nil || defers(selection.SelectionSet, document, looked) {
				return true
			}
		case *ast.FragmentSpread:
			if selection.Directives.ForName("defer") != nil {
				return true
			}
			fragment := document.Fragments.ForName(selection.Name)
			if fragment == nil || looked[selection.Name] {
				continue
			}
			looked[selection.Name] = true
			if defers(fragment.SelectionSet, document, looked) {
				return true
			}
		}
	}
	return false
}

// Meter counts by whom operations are executed.
type Meter struct {
	planned prometheus.Counter
	left    *prometheus.CounterVec
}

// NewMeter registers quadrille_graphql_executed_total.
func NewMeter(registry prometheus.Registerer) *Meter {
	executed := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "quadrille_graphql_executed_total",
		Help: "Operations by executor: planned, or gqlgen with the reason for which they were left to it.",
	}, []string{"executor", "reason"})
	registry.MustRegister(executed)
	return &Meter{executed.WithLabelValues("planned", ""), executed}
}
