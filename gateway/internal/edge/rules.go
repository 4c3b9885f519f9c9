package edge

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// guarded are the rules that documents must keep where the schema is nobody's business: they do not help to guess its names, and do
// not let anybody ask for them.
func guarded() *rules.Rules {
	set := rules.NewDefaultRules()
	for silent, talkative := range map[*core.Rule]string{
		&rules.FieldsOnCorrectTypeRuleWithoutSuggestions: rules.FieldsOnCorrectTypeRule.Name,
		&rules.KnownArgumentNamesRuleWithoutSuggestions:  rules.KnownArgumentNamesRule.Name,
		&rules.KnownTypeNamesRuleWithoutSuggestions:      rules.KnownTypeNamesRule.Name,
		&rules.ScalarLeafsRuleWithoutSuggestions:         rules.ScalarLeafsRule.Name,
		&rules.ValuesOfCorrectTypeRuleWithoutSuggestions: rules.ValuesOfCorrectTypeRule.Name,
	} {
		set.RemoveRule(talkative)
		set.AddRule(silent.Name, silent.RuleFunc)
	}
	set.AddRule("NoIntrospection", noIntrospection)
	return set
}

func noIntrospection(observers *core.Events, addError core.AddErrFunc) {
	observers.OnField(func(_ *core.Walker, field *ast.Field) {
		if field.Name == "__schema" || field.Name == "__type" {
			addError(core.Message("Introspection is off."), core.At(field.Position))
		}
	})
}
