// Package conformance holds the whole system against what README and the clients' documents promise.
package conformance

import (
	"testing"

	"quadrille.dev/platform/testkit"
	"quadrille.dev/proof/system"
	"quadrille.dev/stack/local/localtest"
)

// quadrille is the system that the tests of this package share.
var quadrille *system.System

// kept are the spans that its programs tell of.
var kept *spans

// outside is an issuer of tokens that customers trusts.
var outside = struct {
	name, audience string
	issuer         *testkit.Issuer
}{name: "https://id.elsewhere.test", audience: "shop"}

func TestSystem(t *testing.T) {
	quick := map[string]string{"CALL_RETRY_MAX": "500ms"}
	// Patient with a busy machine while a return goes forward, and soon at its wits' end when it cannot go back.
	returning := map[string]string{"RETURN_STEP_TIMEOUT": "2s", "RETURN_STEP_TRIES": "20", "RETURN_UNDO_TRIES": "2"}
	collector, settings := collect(t)
	kept = collector
	outside.issuer = testkit.NewIssuer(t)
	trusting := map[string]string{"EXTERNAL_ISSUERS": outside.name + " " + outside.issuer.URL + " " + outside.audience}
	quadrille = system.Start(t, localtest.Settings{"": settings, "billing": quick, "fulfillment": quick, "ordering": returning, "customers": trusting})
	// A group ends when all of its tests have, which run at once.
	t.Run("Promises", func(t *testing.T) {
		for name, test := range map[string]func(*testing.T){
			"ARealWeekIsTraded":                       aRealWeekIsTraded,
			"TheLiveBrokerIsWhatContextsDeclare":      theLiveBrokerIsWhatContextsDeclare,
			"WhoIsConnectedSaysWhatForAndWhereToLook": whoIsConnectedSaysWhatForAndWhereToLook,
			"RecentFactsAreReadable":                  recentFactsAreReadable,
			"NoRoleCanConnectToAnotherDatabase":       noRoleCanConnectToAnotherDatabase,
			"EveryDocumentWorksVerbatim":              everyDocumentWorksVerbatim,
			"ParkedMessagesAreSeenToFromACommandLine": parkedMessagesAreSeenToFromACommandLine,
			"NobodySeesAnothersOrder":                 nobodySeesAnothersOrder,
			"OneOrderIsOneTrace":                      oneOrderIsOneTrace,
			"AnOrderIsFulfilled":                      anOrderIsFulfilled,
			"ALostAnswerOfTheProviderIsAskedForAgain": aLostAnswerOfTheProviderIsAskedForAgain,
			"WhatFailsIsUndone":                       whatFailsIsUndone,
			"CancelAtEveryStage":                      cancelAtEveryStage,
			"ManyOrdersForTheLastItem":                manyOrdersForTheLastItem,
			"GoodsComeBack":                           goodsComeBack,
			"AReturnIsRequestedOnce":                  aReturnIsRequestedOnce,
			"WhatAReturnCannotDoIsUndone":             whatAReturnCannotDoIsUndone,
			"AShopIsKept":                             aShopIsKept,
			"WhatIsKeptIsHeardToChange":               whatIsKeptIsHeardToChange,
			"AKeyIsGoodForOneOrder":                   aKeyIsGoodForOneOrder,
			"AnErasedCustomerIsForgottenEverywhere":   anErasedCustomerIsForgottenEverywhere,
			"GraphQLOverHTTP":                         graphQLOverHTTP,
			"GraphQLInParts":                          graphQLInParts,
			"GraphQLOverWebSockets":                   graphQLOverWebSockets,
			"GraphQLOverServerSentEvents":             graphQLOverServerSentEvents,
			"StockIsWatchedByAnybody":                 stockIsWatchedByAnybody,
			"EverySagaIsWatchedByOperators":           everySagaIsWatchedByOperators,
			"ASagaIsWaitedForWithoutASubscription":    aSagaIsWaitedForWithoutASubscription,
			"MutationsSetOffWhatTheyDeclare":          mutationsSetOffWhatTheyDeclare,
			"EveryRPCIsForWhomTheMatrixSays":          everyRPCIsForWhomTheMatrixSays,
			"WhatHappenedIsInspectedByOperators":      whatHappenedIsInspectedByOperators,
		} {
			t.Run(name, test)
		}
	})
	// This one takes the gateway away.
	t.Run("SubscriptionsOutliveTheGateway", subscriptionsOutliveTheGateway)
	// This one takes provider and carrier away from everybody.
	t.Run("ACompensationThatKeepsFailing", aCompensationThatKeepsFailing)
	t.Run("AReturnThatCannotBeUndone", aReturnThatCannotBeUndone)
	t.Run("ARollingRestartUnderLoad", aRollingRestartUnderLoad)
	t.Run("Invariants", invariantsHold)
	t.Run("WhatIsWatchedIsMeasured", whatIsWatchedIsMeasured)
	t.Run("WhatTravelsKeepsToItsSchema", whatTravelsKeepsToItsSchema)
}

// invariantsHold audits what all the other tests have left behind.
func invariantsHold(t *testing.T) {
	quadrille.AwaitRest(t, patience)
	// -run may have chosen none of the others.
	if seen := quadrille.CheckInvariants(t); seen == 0 {
		t.Skip("no order was placed")
	}
}
