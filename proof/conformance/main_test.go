// Package conformance holds the whole system against what README and the clients' documents promise.
package conformance

import (
	"testing"

	"quadrille.dev/proof/system"
)

// quadrille is the system that the tests of this package share.
var quadrille *system.System

func TestSystem(t *testing.T) {
	quadrille = system.Start(t, nil)
	for name, test := range map[string]func(*testing.T){
		"ARealWeekIsTraded":                       aRealWeekIsTraded,
		"NoRoleCanConnectToAnotherDatabase":       noRoleCanConnectToAnotherDatabase,
		"EveryDocumentWorksVerbatim":              everyDocumentWorksVerbatim,
		"NobodySeesAnothersOrder":                 nobodySeesAnothersOrder,
		"AnOrderIsFulfilled":                      anOrderIsFulfilled,
		"ALostAnswerOfTheProviderIsAskedForAgain": aLostAnswerOfTheProviderIsAskedForAgain,
		"WhatFailsIsUndone":                       whatFailsIsUndone,
		"CancelAtEveryStage":                      cancelAtEveryStage,
		"ManyOrdersForTheLastItem":                manyOrdersForTheLastItem,
		"AKeyIsGoodForOneOrder":                   aKeyIsGoodForOneOrder,
	} {
		t.Run(name, test)
	}
	t.Run("Invariants", func(t *testing.T) { quadrille.CheckInvariants(t) })
}
