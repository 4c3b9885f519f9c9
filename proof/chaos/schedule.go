package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/proof/system"
)

// Schedule is what a trial goes through: it follows from its seed alone.
type Schedule struct {
	Seed   uint64
	Rounds []Round
}

// Round is a number of orders that are placed while a few things go wrong at once. It ends when all are placed, and what was broken
// works again.
type Round struct {
	Faults []Fault
	Orders []Order
}

// Fault is one thing that goes wrong.
type Fault struct {
	Kind Kind
	// At is when it strikes, from the beginning of the round; Hold is how long it lasts, beyond what it takes to be noticed.
	At, Hold time.Duration
	// Target is the program that is struck; empty when it is a server.
	Target string
	// Count is how many messages, answers or connections it is about.
	Count int
}

// Order is an order to place.
type Order struct {
	Kind OrderKind
	// At is when it is placed, from the beginning of the round.
	At time.Duration
	// By is the customer.
	By   string
	Wish system.Wish
	// CancelAfter is when the customer changes their mind, from when it is placed; never if zero.
	CancelAfter time.Duration
	// Followed tells that the customer watches what becomes of it.
	Followed bool
}

// OrderKind is what is to come of an order when nothing else goes wrong.
type OrderKind string

// The kinds of orders.
const (
	plain         OrderKind = "plain"
	cancelled     OrderKind = "cancelled"
	outOfStock    OrderKind = "out of stock"
	declined      OrderKind = "declined"
	flaky         OrderKind = "flaky card"
	undeliverable OrderKind = "undeliverable"
	lastPieces    OrderKind = "last pieces"
	returned      OrderKind = "returned"
)

// orderKinds are how many of twenty orders are of each kind.
var orderKinds = []struct {
	kind  OrderKind
	share int
}{{plain, 5}, {returned, 3}, {cancelled, 4}, {outOfStock, 1}, {declined, 2}, {flaky, 1}, {undeliverable, 2}, {lastPieces, 2}}

const (
	// span is the time over which the orders of a round are placed.
	span = 8 * time.Second
	// together bounds the time between the faults of a round.
	together = 2 * time.Second
	// plenty is sold without end, rare are the SKUs of which a few pieces are sold.
	plenty = "CHAOS-PLENTY"
	rare   = "CHAOS-RARE-%d"
	rares  = 5
	// followed is of how many orders one is followed.
	followed = 16
)

// NewSchedule draws a schedule from a seed: every kind of fault comes once if there are as many, and the rest is chance. A schedule has
// the orders and faults that it is asked for, in as many rounds as the faults take that exclude each other.
func NewSchedule(seed uint64, orders, faults int) Schedule {
	random := rand.New(rand.NewPCG(seed, 0))
	drawn := drawLanes(random, faults)
	rounds := 1
	for _, lane := range drawn {
		rounds = max(rounds, len(lane))
	}
	schedule := Schedule{Seed: seed, Rounds: make([]Round, rounds)}
	for i := range schedule.Rounds {
		round := &schedule.Rounds[i]
		for _, lane := range drawn {
			// A lane with fewer faults than there are rounds is spread over them.
			round.Faults = append(round.Faults, lane[i*len(lane)/rounds:(i+1)*len(lane)/rounds]...)
		}
		for range (i+1)*orders/rounds - i*orders/rounds {
			round.Orders = append(round.Orders, drawOrder(random))
		}
		slices.SortFunc(round.Orders, func(a, b Order) int { return int(a.At - b.At) })
	}
	return schedule
}

// drawLanes draws faults, by what they exclude.
func drawLanes(random *rand.Rand, faults int) (drawn [lanes][]Fault) {
	order := random.Perm(len(kinds))
	for i := range faults {
		k := kinds[random.IntN(len(kinds))]
		if i < len(order) {
			k = kinds[order[i]]
		}
		drawn[k.lane] = append(drawn[k.lane], drawFault(random, k))
	}
	return drawn
}

func drawFault(random *rand.Rand, k kind) Fault {
	fault := Fault{
		Kind: k.name,
		At:   time.Duration(random.Int64N(int64(together))).Round(time.Millisecond),
		Hold: time.Second + time.Duration(random.Int64N(int64(2*time.Second))).Round(time.Millisecond),
		// Enough to matter, and few enough to be over soon.
		Count: 20 + random.IntN(180),
	}
	if len(k.targets) > 0 {
		fault.Target = k.targets[random.IntN(len(k.targets))]
	}
	return fault
}

func drawOrder(random *rand.Rand) Order {
	var key uuid.UUID
	for i := range key {
		key[i] = byte(random.Uint32())
	}
	key[6], key[8] = key[6]&0x0f|0x40, key[8]&0x3f|0x80
	order := Order{
		Kind:     drawKind(random),
		At:       time.Duration(random.Int64N(int64(span))).Round(time.Millisecond),
		By:       []string{system.Ada, system.Grace}[random.IntN(2)],
		Wish:     system.Wish{SKU: plenty, Quantity: 1 + random.IntN(3), Key: key},
		Followed: random.IntN(followed) == 0,
	}
	switch order.Kind {
	case cancelled:
		order.CancelAfter = 1 + time.Duration(random.Int64N(int64(2*time.Second))).Round(time.Millisecond)
	case outOfStock:
		order.Wish.Quantity = 9_999
	case declined:
		order.Wish.Token = "pm_card_chargeDeclined"
	case flaky:
		order.Wish.Token = "pm_card_flaky"
	case undeliverable:
		order.Wish.Postcode = "00000"
	case lastPieces:
		order.Wish.SKU = fmt.Sprintf(rare, random.IntN(rares))
	case returned:
		order.Wish.Postcode = []string{"", "", "00001"}[random.IntN(3)]
	case plain:
	}
	return order
}

func drawKind(random *rand.Rand) OrderKind {
	at := random.IntN(20)
	for _, k := range orderKinds {
		if at < k.share {
			return k.kind
		}
		at -= k.share
	}
	return plain
}

// The programs that faults strike.
var (
	// anyProgram can be killed at any moment.
	anyProgram = append(slices.Clone(rabbit.Contexts), "gateway", witness)
	// dancers publish facts all the time.
	dancers = []string{"ordering", "inventory", "billing", "fulfillment"}
	// hearers take facts in.
	hearers = append(slices.Clone(dancers), "chronicle", witness)
	// outsiders are not ours.
	outsiders = []string{"provider", "carrier"}
)
