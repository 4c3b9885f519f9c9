package contracts

import (
	"strings"
	"testing"
)

// shop is a released API that has something of everything.
const shop = `
type Query {
  thing(id: ID!, in: Currency = GBP): Thing
  things(first: Int, names: [String!]): [Thing!]!
  anything: [Anything!]
}
type Mutation { sell(input: SellInput!): Thing! }
interface Node { id: ID! }
type Thing implements Node { id: ID!  name: String!  price(in: Currency): Int  tags: [String!]! }
type Service implements Node { id: ID!  hours: Int }
union Anything = Thing | Service
enum Currency { GBP EUR }
input SellInput { id: ID!  quantity: Int! = 1  note: String }
scalar Moment
`

func comparedAPI(t *testing.T, old, now string) []Breach {
	t.Helper()
	if strings.Count(shop, old) != 1 {
		t.Fatalf("%q is there %d times", old, strings.Count(shop, old))
	}
	breaches, err := CompareGraphQL(map[string][]byte{"old": []byte(shop)}, map[string][]byte{"now": []byte(strings.Replace(shop, old, now, 1))})
	if err != nil {
		t.Fatal(err)
	}
	return breaches
}

func TestWhatNoDocumentCanMeetPasses(t *testing.T) {
	for name, c := range map[string]struct{ old, now string }{
		"nothing":                            {`scalar Moment`, `scalar Moment`},
		"a type is added":                    {`scalar Moment`, `scalar Moment type More { is: Int }`},
		"a field is added":                   {`name: String!`, `name: String! colour: String`},
		"an optional argument is added":      {`things(first: Int,`, `things(after: String, first: Int,`},
		"an argument with default is added":  {`things(first: Int,`, `things(most: Int! = 9, first: Int,`},
		"an optional input field is added":   {`note: String }`, `note: String  gift: Boolean }`},
		"an enum value is added":             {`GBP EUR`, `GBP EUR USD`},
		"a member is added":                  {`Thing | Service`, `Thing | Service | Other  type Other { is: Int }`},
		"an answer becomes certain":          {`hours: Int`, `hours: Int!`},
		"an answer's list becomes certain":   {`anything: [Anything!]`, `anything: [Anything!]!`},
		"an argument becomes optional":       {`thing(id: ID!`, `thing(id: ID`},
		"an argument's elements may be null": {`names: [String!]`, `names: [String]`},
		"an input field becomes optional":    {`SellInput { id: ID!`, `SellInput { id: ID`},
		"a description is added":             {`scalar Moment`, `"When." scalar Moment`},
		"a field is deprecated":              {`hours: Int`, `hours: Int @deprecated(reason: "ask")`},
	} {
		t.Run(name, func(t *testing.T) {
			if breaches := comparedAPI(t, c.old, c.now); len(breaches) > 0 {
				t.Error(breaches)
			}
		})
	}
}

func TestWhatBreaksADocumentFails(t *testing.T) {
	for _, c := range []struct {
		rule     Rule
		path     string
		old, now string
	}{
		{TypeRemoved, "Moment", `scalar Moment`, ``},
		{KindChanged, "Moment", `scalar Moment`, `enum Moment { NOW }`},
		{OutputFieldRemoved, "Thing.name", `name: String!`, ``},
		{OutputFieldRemoved, "Query.anything", `anything: [Anything!]`, `something: [Anything!]`},
		{OutputTypeChanged, "Service.hours", `hours: Int`, `hours: String`},
		{OutputTypeChanged, "Service.hours", `hours: Int`, `hours: [Int]`},
		{OutputTypeChanged, "Thing.tags", `tags: [String!]!`, `tags: String!`},
		{OutputNullable, "Thing.name", `name: String!`, `name: String`},
		{OutputNullable, "Thing.tags", `tags: [String!]!`, `tags: [String]!`},
		{OutputNullable, "Mutation.sell", `: Thing! }`, `: Thing }`},
		{ArgumentRemoved, "Query.things(first:)", `first: Int, `, ``},
		{InputRequired, "Query.things(first:)", `first: Int`, `first: Int!`},
		{InputRequired, "Query.things(names:)", `names: [String!]`, `names: [String!]!`},
		{InputRequired, "Query.things(after:)", `things(first`, `things(after: String!, first`},
		{InputRequired, "SellInput.gift", `note: String }`, `note: String  gift: Boolean! }`},
		{InputRequired, "SellInput.note", `note: String }`, `note: String! }`},
		{InputTypeChanged, "Query.thing(id:)", `thing(id: ID!`, `thing(id: String!`},
		{InputTypeChanged, "SellInput.note", `note: String }`, `note: Int }`},
		{InputFieldRemoved, "SellInput.note", `note: String }`, `}`},
		{DefaultChanged, "Query.thing(in:)", `Currency = GBP`, `Currency = EUR`},
		{DefaultChanged, "SellInput.quantity", `quantity: Int! = 1`, `quantity: Int!`},
		{EnumValueRemoved, "Currency.EUR", `GBP EUR`, `GBP`},
		{MemberRemoved, "Anything", `Thing | Service`, `Thing`},
		{ImplementationRemoved, "Service", `Service implements Node`, `Service`},
	} {
		t.Run(string(c.rule)+" "+c.path, func(t *testing.T) {
			breaches := comparedAPI(t, c.old, c.now)
			if len(breaches) != 1 || breaches[0].Rule != c.rule || breaches[0].Path != c.path {
				t.Errorf("got %v; want one breach of %s at %s", breaches, c.rule, c.path)
			}
		})
	}
}

func TestTheFirstReleaseBreaksNothing(t *testing.T) {
	if breaches, err := CompareGraphQL(nil, map[string][]byte{"now": []byte(shop)}); len(breaches) > 0 || err != nil {
		t.Error(breaches, err)
	}
}

func TestWhatIsNoGraphQLIsAnError(t *testing.T) {
	if _, err := CompareGraphQL(map[string][]byte{"old": []byte(`type {`)}, map[string][]byte{"now": []byte(shop)}); err == nil {
		t.Error("a broken released schema was read")
	}
	if _, err := CompareGraphQL(map[string][]byte{"old": []byte(shop)}, map[string][]byte{"now": []byte(`type {`)}); err == nil {
		t.Error("a broken schema was read")
	}
}
