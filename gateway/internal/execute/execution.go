package execute

import (
	"context"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"quadrille.dev/gateway/internal/together"
)

// Execution is one operation on its way through a plan. The generated code drives it, in turns: it walks the objects at hand (Add, Guard)
// down to the fields that are resolved, has all that are due at once resolved (Run), and walks what they have answered; at the end it
// writes, walking the same objects in the same order.
type Execution struct {
	ctx       context.Context
	operation *graphql.OperationContext
	plan      *Plan
	frames    []frame
	due       []Due
	// later are those that are due in later levels than the one that is due next, which is counted by level.
	later []Due
	level int
	// trail is where the writer is.
	trail []step
	// mu is for the memory of where objects are.
	mu sync.Mutex
}

// Begin begins to execute a plan.
func Begin(ctx context.Context, plan *Plan) *Execution {
	return &Execution{
		ctx: ctx, operation: graphql.GetOperationContext(ctx), plan: plan,
		frames: make([]frame, plan.frames), trail: make([]step, 0, 16),
	}
}

// frame keeps the objects of a selection until they are written, and what was answered for them.
type frame struct {
	// objects are a *[]T.
	objects any
	places  []Place
	// answers are *Answers[V], by field.
	answers []any
	// written is how many objects are written.
	written int
	// contexts are where the objects are, as gqlgen says it, as far as somebody has asked.
	contexts []*graphql.FieldContext
}

// Place is where an object is in the answer: in what is answered for a row of the selection above, at an index if that is a list, -1 otherwise.
type Place struct{ Row, Index int }

// Due is a field to be resolved for all objects of its selection, and for those of other selections that can be asked about along with it.
type Due struct {
	Selection *Selection
	Field     *Field
	// with are the others.
	with []Due
	// level is when it is due, and seat where it meets others that are due at the same time.
	level int
	seat  *together.Seat
}

// Add keeps an object of a selection, and has its fields resolved in the next level. It answers the object's row.
func Add[T any](x *Execution, s *Selection, object T, at Place) int {
	f := &x.frames[s.frame]
	if f.objects == nil {
		f.objects, f.answers = new(make([]T, 0, x.plan.rows[s.frame].Load())), make([]any, s.answers)
		f.places = make([]Place, 0, x.plan.rows[s.frame].Load())
		for _, field := range s.resolved {
			x.enqueue(Due{Selection: s, Field: field, level: x.level + field.waits})
		}
	}
	objects := f.objects.(*[]T)
	*objects = append(*objects, object)
	f.places = append(f.places, at)
	return len(*objects) - 1
}

// enqueue adds what is due to what is asked in the same way, if there is such.
func (x *Execution) enqueue(next Due) {
	queue := &x.due
	if next.level > x.level {
		queue = &x.later
	}
	if next.Field.Batch {
		for i := range *queue {
			due := &(*queue)[i]
			if due.Selection.Object == next.Selection.Object && due.Field.Code == next.Field.Code && due.level == next.level {
				due.with = append(due.with, next)
				return
			}
		}
	}
	*queue = append(*queue, next)
}

// Run resolves level by level: all that is due at the same time, each by resolve, and then what is due of what was answered, which descend walks.
func (x *Execution) Run(resolve func(Due), descend func(*Selection, *Field)) {
	for len(x.due)+len(x.later) > 0 {
		level := x.next()
		var others sync.WaitGroup
		for _, due := range level[1:] {
			hands.do(&others, func() {
				defer due.seat.Leave()
				resolve(due)
			})
		}
		resolve(level[0])
		level[0].seat.Leave()
		others.Wait()
		for _, due := range level {
			descend(due.Selection, due.Field)
			for _, other := range due.with {
				descend(other.Selection, other.Field)
			}
		}
	}
}

// next takes what is due now: what has waited for long enough, and what has waited in vain when there is nothing else.
func (x *Execution) next() []Due {
	level, now := x.due, x.level
	if len(level) == 0 {
		now = slices.MinFunc(x.later, func(a, b Due) int { return a.level - b.level }).level
	}
	x.later = slices.DeleteFunc(x.later, func(due Due) bool {
		if due.level > now {
			return false
		}
		level = append(level, due)
		return true
	})
	x.due, x.level = nil, now+1
	seat(level)
	return level
}

// seat has those meet that are asked for together.
func seat(level []Due) {
	for i, due := range level {
		if due.Field.Together == "" || due.seat != nil {
			continue
		}
		var met []int
		for j := i; j < len(level); j++ {
			if level[j].Field.Together == due.Field.Together {
				met = append(met, j)
			}
		}
		if len(met) > 1 {
			for n, seat := range together.Meeting(len(met)) {
				level[met[n]].seat = seat
			}
		}
	}
}

// RunInTurn does the same with what is due one after the other, each with all that follows of it.
func (x *Execution) RunInTurn(resolve func(Due), descend func(*Selection, *Field)) {
	due := x.due
	for i := range due {
		x.due = due[i : i+1 : i+1]
		x.Run(resolve, descend)
	}
}

// Answer is what write appends to the buffer of the operation, or to one of its own; null when something panics that no field can be blamed for.
func (x *Execution) Answer(write func([]byte, *Selection) ([]byte, bool)) (data []byte) {
	buffer := Buffer(x.ctx)
	if buffer == nil {
		buffer = new(make([]byte, 0, x.plan.size.Load()))
	}
	begin := len(*buffer)
	defer func() {
		if cause := recover(); cause != nil {
			x.operation.Error(x.ctx, x.operation.Recover(x.ctx, cause))
			data = AppendNull(nil)
		}
	}()
	*buffer, _ = write(*buffer, x.plan.root)
	x.plan.remember(len(*buffer)-begin, x.frames)
	return (*buffer)[begin:len(*buffer):len(*buffer)]
}

// Close ends the object of a selection.
func Close(b []byte, s *Selection) []byte {
	if len(s.Fields) == 0 {
		b = append(b, '{')
	}
	return append(b, '}')
}

// Row is the row of the object of a selection that is written next; -1 if objects of it are not kept.
func (x *Execution) Row(s *Selection) int {
	if s.frame < 0 {
		return -1
	}
	f := &x.frames[s.frame]
	f.written++
	return f.written - 1
}

// Answers are what a field is for each row of its selection.
type Answers[V any] struct {
	values []V
	// null are the rows of which nothing is known but that the field is null, and why has been said; nil if there are none.
	null []bool
}

// Answer is what a field is for a row; not known when it is null and the reason has been said.
func Answer[V any](x *Execution, s *Selection, f *Field, row int) (value V, known bool) {
	a := x.frames[s.frame].answers[f.answer].(*Answers[V])
	return a.values[row], a.null == nil || !a.null[row]
}

// Rows are all answers of a field, for walking.
func Rows[V any](x *Execution, s *Selection, f *Field) []V {
	return x.frames[s.frame].answers[f.answer].(*Answers[V]).values
}
