package edge

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// undelivered takes out of parts what is to come later, and is null in what gqlgen makes of them.
type undelivered struct{ operation *graphql.OperationContext }

// first is what the first part has.
func (u undelivered) first(data json.RawMessage) json.RawMessage {
	return u.prune(u.operation.Operation.SelectionSet, data, true)
}

// at is what a later part has, for its place in the answer. Its own fields have come now, and are null if they are.
func (u undelivered) at(path ast.Path, data json.RawMessage) json.RawMessage {
	selections := u.operation.Operation.SelectionSet
	for _, step := range path {
		if name, named := step.(ast.PathName); named {
			selections = under(u.fields(selections, string(name)))
		}
	}
	return u.prune(selections, data, false)
}

func (u undelivered) prune(selections ast.SelectionSet, data json.RawMessage, own bool) json.RawMessage {
	switch {
	case len(selections) == 0 || len(data) == 0:
		return data
	case data[0] == '[':
		return u.pruneList(selections, data, own)
	case data[0] == '{':
		return u.pruneObject(selections, data, own)
	}
	return data
}

func (u undelivered) pruneList(selections ast.SelectionSet, data json.RawMessage, own bool) json.RawMessage {
	var elements []json.RawMessage
	if json.Unmarshal(data, &elements) != nil {
		return data
	}
	for i, element := range elements {
		elements[i] = u.prune(selections, element, own)
	}
	return slices.Concat([]byte("["), bytes.Join(bytesOf(elements), []byte(",")), []byte("]"))
}

func (u undelivered) pruneObject(selections ast.SelectionSet, data json.RawMessage, own bool) json.RawMessage {
	decoder := json.NewDecoder(bytes.NewReader(data))
	_, err := decoder.Token()
	var members []json.RawMessage
	for err == nil && decoder.More() {
		var key json.Token
		var value json.RawMessage
		if key, err = decoder.Token(); err == nil {
			err = decoder.Decode(&value)
		}
		name, _ := key.(string)
		fields := u.fields(selections, name)
		if own && string(value) == "null" && len(fields) > 0 && !slices.ContainsFunc(fields, comesNow) {
			continue
		}
		members = append(members, slices.Concat([]byte(`"`+name+`":`), u.prune(under(fields), value, true)))
	}
	if err != nil {
		return data // it is not JSON, which is found out when it is sent
	}
	return slices.Concat([]byte("{"), bytes.Join(bytesOf(members), []byte(",")), []byte("}"))
}

// fields are those that may be answered under a name, of whatever types.
func (u undelivered) fields(selections ast.SelectionSet, name string) []graphql.CollectedField {
	all := slices.Clone(graphql.CollectFields(u.operation, selections, nil))
	return slices.DeleteFunc(all, func(field graphql.CollectedField) bool { return field.Alias != name })
}

// comesNow tells that a field is not deferred, or that it is, and is at hand all the same: gqlgen defers only what has a resolver.
func comesNow(field graphql.CollectedField) bool {
	return !field.IsDeferred() || !resolved(field.Definition)
}

// resolved tells whether a field has a resolver. Those of Query are never deferred.
func resolved(field *ast.FieldDefinition) bool {
	directive := field.Directives.ForName("goField")
	return directive != nil && slices.ContainsFunc(directive.Arguments, func(argument *ast.Argument) bool {
		return (argument.Name == "batch" || argument.Name == "forceResolver") && argument.Value.Raw == "true"
	})
}

func under(fields []graphql.CollectedField) (selections ast.SelectionSet) {
	for _, field := range fields {
		selections = append(selections, field.Selections...)
	}
	return selections
}

func bytesOf(messages []json.RawMessage) [][]byte {
	all := make([][]byte, len(messages))
	for i, message := range messages {
		all[i] = message
	}
	return all
}
