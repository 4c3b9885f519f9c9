package app

import (
	"context"
	"time"

	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/party"
)

// News is that there is something new of a customer; what it is, customers tells who asks.
type News struct {
	Customer account.CustomerID
	// Sequence orders the news of a customer. It is 0 for what is none to billing.
	Sequence int64
}

// Question is what to ask customers, outside of any transaction.
type Question struct {
	Customer account.CustomerID
	// Heard is how far the news had come when it was asked.
	Heard   int64
	Attempt int
}

// AskWho intends to ask who the customer is now.
func AskWho(ctx context.Context, store Store, news News, at time.Time) error {
	return changeParty(ctx, store, news.Customer, func(p party.Party) party.Party { return p.Hear(news.Sequence, at) })
}

// HandOverQuestions takes questions that are due and are about to be asked.
func HandOverQuestions(ctx context.Context, store Store, at time.Time, limit int) ([]Question, error) {
	due, err := store.DueParties(ctx, at, limit)
	if err != nil {
		return nil, err
	}
	questions := make([]Question, len(due))
	for i, p := range due {
		p = p.HandOver(at)
		if err := store.SaveParty(ctx, p); err != nil {
			return nil, err
		}
		questions[i] = Question{Customer: p.Customer, Heard: p.Heard, Attempt: p.Call.Attempts}
	}
	return questions, nil
}

// Learn stores who the customer is.
func Learn(ctx context.Context, store Store, asked Question, details party.Details, at time.Time) error {
	return changeParty(ctx, store, asked.Customer, func(p party.Party) party.Party { return p.Learn(asked.Heard, details, at) })
}

// Miss stores that customers did not answer.
func Miss(ctx context.Context, store Store, asked Question, at time.Time) error {
	return changeParty(ctx, store, asked.Customer, func(p party.Party) party.Party { return p.Miss(at) })
}

// Forget forgets who an erased customer is, and their card as soon as the provider need not be told it any more.
func Forget(ctx context.Context, store Store, customer account.CustomerID, at time.Time) error {
	orders, err := store.Forget(ctx, customer)
	if err != nil {
		return err
	}
	for _, order := range orders {
		a, err := store.Account(ctx, order)
		if err != nil {
			return err
		}
		if err := commit(ctx, store, a, at, a.Forget()); err != nil {
			return err
		}
	}
	return changeParty(ctx, store, customer, party.Party.Forget)
}

func changeParty(ctx context.Context, store Store, customer account.CustomerID, change func(party.Party) party.Party) error {
	p, err := store.Party(ctx, customer)
	if err != nil {
		return err
	}
	if after := change(p); after != p {
		return store.SaveParty(ctx, after)
	}
	return nil
}
