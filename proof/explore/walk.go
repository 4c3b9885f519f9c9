package explore

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"quadrille.dev/proof/explore/search"
)

// crowd is what a walk goes through: so many orders of so many SKUs.
const (
	crowdOrders = 10
	crowdSKUs   = 5
	// reluctance is how much rarer what may happen is than what has to.
	reluctance = 4
)

// Crowd is a scenario drawn at random: ten orders of up to three out of five SKUs, stock that may be short, goods that come back, and whatever
// can go wrong.
func Crowd(chance *rand.Rand) Scenario {
	s := Scenario{
		Name: "walk", Stock: map[string]int64{}, Provider: Either, Carrier: Either, Lost: chance.IntN(8), Duplicates: 2,
		Customer: chance.IntN(2) == 0, Operator: chance.IntN(4) == 0, Deadline: chance.IntN(4) == 0, Erased: chance.IntN(4) == 0,
	}
	for i := range crowdSKUs {
		s.Stock[sku(i)] = int64(2 + chance.IntN(12))
	}
	for range crowdOrders {
		order := Order{}
		for range 1 + chance.IntN(3) {
			order[sku(chance.IntN(crowdSKUs))] = int64(1 + chance.IntN(3))
		}
		s.Orders = append(s.Orders, order)
	}
	if !s.Deadline { // which the clock looks for together with what is overdue
		s.comeBack(chance)
	}
	s.Together = chance.IntN(4) == 0
	return s
}

// comeBack draws returns, of up to two of something that was ordered.
func (s *Scenario) comeBack(chance *rand.Rand) {
	s.Refunder, s.Collector, s.Tries, s.UndoTries = Either, Either, 2, 2
	s.Timers, s.Retries, s.Resolves = chance.IntN(6), chance.IntN(3), chance.IntN(2)
	for range chance.IntN(6) {
		order := chance.IntN(crowdOrders)
		goods := slices.Sorted(maps.Keys(s.Orders[order]))
		s.Returns = append(s.Returns, Return{order, Order{goods[chance.IntN(len(goods))]: int64(1 + chance.IntN(2))}})
	}
}

func sku(i int) string { return fmt.Sprintf("SKU-%d", i+1) }

// Walks go through one crowd after another for a time, each in one way only, until something is violated. One seed gives the same
// walks, as many of them as there is time for.
func Walks(patience time.Duration, seed uint64) (Report, error) {
	began, total := time.Now(), Report{}
	for n := uint64(0); total.Violation == nil && (n == 0 || time.Since(began) < patience); n++ {
		chance := rand.New(rand.NewPCG(seed, n))
		scenario := Crowd(chance)
		scenario.Name = fmt.Sprintf("walk-%d-%d", seed, n)
		st := newStage(scenario)
		found, err := search.Walk(st, chance, reluctance)
		if err != nil {
			return Report{}, fmt.Errorf("explore %s: %w", scenario.Name, err)
		}
		report := st.report(found)
		total.add(report)
		total.Scenario, total.Violation = "walks", report.Violation
		if report.Violation != nil {
			total.Scenario = scenario.Name
		}
	}
	total.Took = time.Since(began)
	return total, nil
}
