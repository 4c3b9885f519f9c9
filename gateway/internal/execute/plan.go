package execute

import (
	"errors"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Object is an object type, as the generated code knows it.
type Object struct {
	Name string
	// Number is its place among all object types.
	Number int
	// Implements are the names of all types that its objects are of: its own, and those of its interfaces.
	Implements []string
	Fields     map[string]Definition
}

// Definition is a field of an object type, as the generated code knows it.
type Definition struct {
	// Code is the field's number in its object; 0 is __typename.
	Code int
	// Kind is where its value comes from.
	Kind Kind
	// Batch is whether its resolver answers for many objects at once.
	Batch bool
	// Together is what the resolver asks for together with those of other fields that have the same; empty if it asks alone.
	Together string
	// Types are those that its value, or an element of it, can be of; none of a scalar or an enum.
	Types []*Object
	// Abstract is whether which of Types it is depends on the value.
	Abstract bool
}

// Kind is where a field's value comes from.
type Kind int

const (
	// Plain fields are read from the object.
	Plain Kind = iota
	// Guarded fields are read from the object, if its directives let them be.
	Guarded
	// Resolved fields are answered by a resolver.
	Resolved
)

// Plan says how an operation is executed. It does not change, and is shared by all who ask the same.
type Plan struct {
	root *Selection
	kind ast.Operation
	// frames is how many selections keep their objects until they are written.
	frames int
	// fields is how many fields are selected, for what the plan weighs.
	fields int

	// size is how many bytes the last answer had, and rows how many objects were in each of its frames: the next are likely to be like it.
	size atomic.Int64
	rows []atomic.Int32
}

// Root is what is selected of the operation's root.
func (p *Plan) Root() *Selection { return p.root }

// Streams tells whether the operation is a subscription.
func (p *Plan) Streams() bool { return p.kind == ast.Subscription }

// Mutates tells whether the operation is a mutation.
func (p *Plan) Mutates() bool { return p.kind == ast.Mutation }

// Those that were the longest by far do not make others keep as much memory.
const (
	likelySize = 64 << 10
	likelyRows = 1000
)

// remember is told how large an answer was.
func (p *Plan) remember(size int, frames []frame) {
	p.size.Store(int64(min(size+size/8, likelySize)))
	for i := range frames {
		p.rows[i].Store(int32(min(len(frames[i].places), likelyRows)))
	}
}

// Selection is what is selected of the objects of one type at one place.
type Selection struct {
	Object *Object
	Fields []Field
	// Below are the fields that lead to others which are resolved or guarded, or are guarded themselves, and not resolved.
	Below []*Field
	// resolved are the fields that resolvers answer.
	resolved []*Field
	// answers is how many fields are resolved or guarded, and frame which frame has the objects; -1 if nothing in or below needs one.
	answers, frame int
	// parent and of are where the selection is: what the field of, selected of parent's objects, answers.
	parent *Selection
	of     *Field
}

// Keeps tells whether the selection's objects are kept until they are written.
func (s *Selection) Keeps() bool { return s.frame >= 0 }

// Field is one member of the answer for an object.
type Field struct {
	Definition
	// Key opens the member: a brace or comma, its name, a colon.
	Key []byte
	// Each is what is selected of the field's objects, by the number of their type; One is the same if there is only one type.
	One  *Selection
	Each []*Selection

	collected graphql.CollectedField
	// waits is for how many levels it waits, until what it is asked together with is due.
	waits int
	// answer is which of the selection's answers is the field's.
	answer int
}

// What plans cannot be made of.
var (
	// errIntrospection is of fields whose types the generated code does not know.
	errIntrospection = errors.New("introspection")
	// errNoStream is of subscriptions of nothing, which gqlgen refuses.
	errNoStream = errors.New("no stream")
	// errCondition is of selections that may be skipped if null, of which gqlgen blames the field above.
	errCondition = errors.New("condition")
)

// planner makes one plan.
type planner struct {
	operation *graphql.OperationContext
	plan      *Plan
	// together are fields by what they are asked for together with.
	together map[string][]waiting
}

// waiting is a field that others may be waited for with.
type waiting struct {
	field *Field
	level int
	deep  bool
}

// plan says how to execute an operation of which root is the type. It is for all operations that have the same text and in which the
// same selections are skipped.
func plan(operation *graphql.OperationContext, root *Object) (_ *Plan, err error) {
	p := planner{operation, &Plan{kind: operation.Operation.Operation}, map[string][]waiting{}}
	defer func() {
		if recover() != nil {
			err = errCondition
		}
	}()
	if p.plan.root, err = p.selection(root, operation.Operation.SelectionSet, 0); err != nil {
		return nil, err
	}
	if p.plan.Streams() && (len(p.plan.root.Fields) != 1 || p.plan.root.Fields[0].Code == 0) {
		return nil, errNoStream
	}
	p.meet()
	p.plan.rows = make([]atomic.Int32, p.plan.frames)
	return p.plan, nil
}

// selection plans what is selected of objects that are there when level is due.
func (p *planner) selection(object *Object, selected ast.SelectionSet, level int) (*Selection, error) {
	collected := once(graphql.CollectFields(p.operation, selected, object.Implements))
	s := &Selection{Object: object, Fields: make([]Field, len(collected)), frame: -1}
	p.plan.fields += len(collected)
	deep := false
	for i, field := range collected {
		f := &s.Fields[i]
		f.Key, f.collected = key(i, field.Alias), field
		if field.Name == "__typename" {
			continue
		}
		definition, known := object.Fields[field.Name]
		if !known {
			return nil, errIntrospection
		}
		f.Definition = definition
		below, err := p.below(s, f, level)
		if err != nil {
			return nil, err
		}
		if f.Kind != Plain {
			f.answer = s.answers
			s.answers++
		}
		switch {
		case f.Kind == Resolved:
			if f.Together != "" {
				p.together[f.Together] = append(p.together[f.Together], waiting{f, level, below})
			}
			s.resolved = append(s.resolved, f)
		case f.Kind == Guarded, below:
			s.Below = append(s.Below, f)
		}
		deep = deep || below || f.Kind != Plain
	}
	if deep {
		s.frame = p.plan.frames
		p.plan.frames++
	}
	return s, nil
}

// meet has fields wait that can be asked for with others at a later level: those below which nothing is resolved, so that nobody waits for them.
func (p *planner) meet() {
	for _, fields := range p.together {
		last := slices.MaxFunc(fields, func(a, b waiting) int { return a.level - b.level }).level
		for _, one := range fields {
			if !one.deep {
				one.field.waits = last - one.level
			}
		}
	}
}

// once leaves of fields with one alias the first: __typename of a union is collected beside that of its types.
func once(collected []graphql.CollectedField) []graphql.CollectedField {
	seen := make(map[string]bool, len(collected))
	return slices.DeleteFunc(slices.Clone(collected), func(field graphql.CollectedField) bool {
		again := seen[field.Alias]
		seen[field.Alias] = true
		return again
	})
}

// below plans what is selected of a field's objects, and tells whether any of it needs a frame.
func (p *planner) below(parent *Selection, f *Field, level int) (deep bool, err error) {
	if f.Kind == Resolved {
		level++
	}
	if len(f.Types) == 0 {
		return false, nil
	}
	if f.Abstract {
		f.Each = make([]*Selection, f.Types[len(f.Types)-1].Number+1)
	}
	for _, object := range f.Types {
		s, err := p.selection(object, f.collected.Selections, level)
		if err != nil {
			return false, err
		}
		s.parent, s.of = parent, f
		if f.Abstract {
			f.Each[object.Number] = s
		} else {
			f.One = s
		}
		deep = deep || s.Keeps()
	}
	return deep, nil
}

func key(i int, alias string) []byte {
	opening := byte(',')
	if i == 0 {
		opening = '{'
	}
	return append(strconv.AppendQuote([]byte{opening}, alias), ':')
}
