package model

import (
	"context"
	"errors"
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
		siblings := &ProductSiblings{}
		leaving, leave := context.WithCancel(t.Context())
		go func() {
			_, _ = Once(leaving, siblings, "price", func([]*Product) (int, error) {
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
