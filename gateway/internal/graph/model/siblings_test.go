package model

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestOnceReadsOnceHoweverOftenItIsAsked(t *testing.T) {
	products := GatherProducts([]*Product{{SKU: "A"}, {SKU: "B"}})
	var reads atomic.Int32
	var asking sync.WaitGroup
	for range 50 {
		for _, product := range products {
			asking.Go(func() {
				found, err := Once(t.Context(), product.Siblings, "length", func(all []*Product) (map[string]int, error) {
					reads.Add(1)
					return map[string]int{all[0].SKU: 1, all[1].SKU: 2}, nil
				})
				if err != nil || len(found) != 2 {
					t.Errorf("found %v, %v", found, err)
				}
			})
		}
	}
	asking.Wait()
	if reads.Load() != 1 {
		t.Errorf("%d reads", reads.Load())
	}
}

func TestOnceKeepsErrors(t *testing.T) {
	siblings, reads, broken := &ProductSiblings{}, 0, errors.New("broken")
	for range 2 {
		if _, err := Once(t.Context(), siblings, "price", func([]*Product) (int, error) { reads++; return 0, broken }); !errors.Is(err, broken) {
			t.Errorf("error: %v", err)
		}
	}
	if reads != 1 {
		t.Errorf("%d reads", reads)
	}
}

func TestWhatFailedForOneIsReadAgainForTheNextOfThoseWhoShare(t *testing.T) {
	order := GatherOrders([]*Order{{Lines: []*OrderLine{{}}}})[0]
	Share(order)
	broken := errors.New("broken")
	if _, err := Once(t.Context(), order.Siblings, "payment", func([]*Order) (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("error: %v", err)
	}
	for range 2 {
		if value, err := Once(t.Context(), order.Siblings, "payment", func([]*Order) (int, error) { return 7, nil }); value != 7 || err != nil {
			t.Errorf("got %d, %v", value, err)
		}
	}
	if _, err := Once(t.Context(), order.Lines[0].Siblings, "product", func([]*OrderLine) (int, error) { return 0, broken }); err == nil {
		t.Error("no error")
	}
	if value, err := Once(t.Context(), order.Lines[0].Siblings, "product", func([]*OrderLine) (int, error) { return 7, nil }); value != 7 || err != nil {
		t.Errorf("of the line: got %d, %v", value, err)
	}
}

func TestOnceSurvivesAReaderThatGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		siblings, more := &ProductSiblings{}, &ProductSiblings{}
		leaving, leave := context.WithCancel(t.Context())
		go func() {
			OnceEach(leaving, []*ProductSiblings{more, siblings}, "price", func([]*Product) (int, error) {
				<-leaving.Done()
				return 0, leaving.Err()
			})
		}()
		synctest.Wait()
		staying := make(chan int)
		go func() {
			value, _ := Once(t.Context(), siblings, "price", func([]*Product) (int, error) { return 7, nil })
			staying <- value
		}()
		synctest.Wait()
		leave()
		if got := <-staying; got != 7 {
			t.Errorf("the one who stayed got %d", got)
		}
	})
}

func TestWhatNobodyHasReadOfSeveralGroupsIsReadInOneCall(t *testing.T) {
	known, one, other := &ProductSiblings{All: []*Product{{SKU: "A"}}}, &ProductSiblings{All: []*Product{{SKU: "B"}}}, &ProductSiblings{All: []*Product{{SKU: "C"}}}
	var reads []string
	read := func(all []*Product) (string, error) {
		var skus strings.Builder
		for _, product := range all {
			skus.WriteString(product.SKU)
		}
		reads = append(reads, skus.String())
		return skus.String(), nil
	}
	if _, err := Once(t.Context(), known, "price", read); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		outcomes := OnceEach(t.Context(), []*ProductSiblings{one, known, other, one}, "price", read)
		if outcomes[known].Value != "A" || outcomes[one].Value != "BC" || outcomes[other].Value != "BC" {
			t.Errorf("outcomes: %v", outcomes)
		}
	}
	if len(reads) != 2 {
		t.Errorf("reads: %v", reads)
	}
}

// Nobody waits for another while others wait for them: two who read the same groups in opposite order come to an end.
func TestReadersOfTheSameGroupsDoNotWaitForOneAnotherInACircle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, other := &ProductSiblings{All: []*Product{{}}}, &ProductSiblings{All: []*Product{{}}}
		var asking sync.WaitGroup
		for _, groups := range [][]*ProductSiblings{{one, other}, {other, one}, {one}, {other}} {
			asking.Go(func() {
				for siblings, outcome := range OnceEach(t.Context(), groups, "price", func(all []*Product) (int, error) { return len(all), nil }) {
					if outcome.Value == 0 || outcome.Err != nil {
						t.Errorf("%p: %v", siblings, outcome)
					}
				}
			})
		}
		asking.Wait()
	})
}

// What fails for several groups is kept by those that are of one answer, and read again for those that are shared.
func TestOfSeveralGroupsEachKeepsErrorsAsItDoesAlone(t *testing.T) {
	shared, own := &OrderSiblings{shared: true}, &OrderSiblings{}
	outcomes := OnceEach(t.Context(), []*OrderSiblings{shared, own}, "payment", func([]*Order) (int, error) { return 0, errors.New("broken") })
	if outcomes[shared].Err == nil || outcomes[own].Err == nil {
		t.Errorf("outcomes: %v", outcomes)
	}
	outcomes = OnceEach(t.Context(), []*OrderSiblings{shared, own}, "payment", func([]*Order) (int, error) { return 7, nil })
	if outcomes[shared].Value != 7 || outcomes[own].Err == nil {
		t.Errorf("outcomes: %v", outcomes)
	}
}
