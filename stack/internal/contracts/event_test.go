package contracts

import (
	"strings"
	"testing"
)

// sold is a released schema that has something of everything.
const sold = `{
	"$id": "https://quadrille.dev/schema/events/shop.thing.sold.v1.json",
	"title": "Thing sold", "description": "A thing was sold.",
	"x-owner": "shop", "x-consumers": ["till"], "x-payload-style": "state-transfer", "x-delivery": "at least once",
	"type": "object",
	"required": ["thingId", "total", "lines"],
	"properties": {
		"thingId": {"type": "string", "format": "uuid"},
		"total": {"$ref": "#/$defs/money", "description": "What it cost."},
		"lines": {"type": "array", "minItems": 1, "maxItems": 9, "items": {
			"type": "object", "required": ["sku"],
			"properties": {"sku": {"type": "string", "minLength": 1, "maxLength": 40}, "quantity": {"type": "integer", "minimum": 1, "maximum": 99}}
		}},
		"buyer": {"type": ["string", "null"], "x-personal": true},
		"channel": {"enum": ["WEB", "TELEPHONE"]},
		"code": {"type": "string", "pattern": "^[A-Z]+$"},
		"note": {"type": "string"},
		"sealed": {"type": "object", "additionalProperties": false, "properties": {"wax": {"type": "string"}}}
	},
	"$defs": {"money": {
		"type": "object", "required": ["minorUnits"],
		"properties": {"minorUnits": {"type": "integer"}, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}}
	}},
	"examples": [{}]
}`

// changed is the schema with one part of its text replaced.
func changed(t *testing.T, old, now string) string {
	t.Helper()
	if strings.Count(sold, old) != 1 {
		t.Fatalf("%s is there %d times", old, strings.Count(sold, old))
	}
	return strings.Replace(sold, old, now, 1)
}

func compared(t *testing.T, released, present string) []Breach {
	t.Helper()
	breaches, err := CompareEvents(
		map[string][]byte{"shop.thing.sold v1": []byte(released)}, map[string][]byte{"shop.thing.sold v1": []byte(present)})
	if err != nil {
		t.Fatal(err)
	}
	return breaches
}

func TestWhatConsumersCannotTellPasses(t *testing.T) {
	for name, c := range map[string]struct{ old, now string }{
		"nothing":                      {`"note"`, `"note"`},
		"an optional field is added":   {`"note": {`, `"gift": {"type": "boolean"}, "note": {`},
		"one inside is added":          {`"properties": {"sku"`, `"properties": {"colour": {"type": "string"}, "sku"`},
		"words are different":          {`A thing was sold.`, `Somebody bought a thing.`},
		"a consumer is added":          {`["till"]`, `["till", "ledger"]`},
		"a field turns out personal":   {`"note": {"type": "string"}`, `"note": {"type": "string", "x-personal": true}`},
		"an example is added":          {`[{}]`, `[{}, {"note": "x"}]`},
		"a definition is written out":  {`"code": {"type": "string", "pattern": "^[A-Z]+$"}`, `"code": {"$ref": "#/$defs/code"}`},
		"additions are allowed aloud":  {`"type": "object", "required": ["sku"],`, `"type": "object", "additionalProperties": true, "required": ["sku"],`},
		"required in another order":    {`["thingId", "total", "lines"]`, `["lines", "total", "thingId"]`},
		"values in another order":      {`["WEB", "TELEPHONE"]`, `["TELEPHONE", "WEB"]`},
		"a field is a part in a saga":  {`"type": "object",` + "\n\t" + `"required": ["thingId"`, `"x-saga": {"process": "sale"}, "type": "object", "required": ["thingId"`},
		"a bound is written otherwise": {`"minimum": 1,`, `"minimum": 1.0,`},
	} {
		t.Run(name, func(t *testing.T) {
			now := changed(t, c.old, c.now)
			now = strings.Replace(now, `"$defs": {`, `"$defs": {"code": {"type": "string", "pattern": "^[A-Z]+$"}, `, 1)
			if breaches := compared(t, sold, now); len(breaches) > 0 {
				t.Error(breaches)
			}
		})
	}
}

func TestEachRuleNamesFactAndPath(t *testing.T) {
	for _, c := range []struct {
		rule     Rule
		path     string
		old, now string
	}{
		{FieldRemoved, "/note", `"note": {"type": "string"},`, ``},
		{FieldRemoved, "/lines/*/quantity", `, "quantity": {"type": "integer", "minimum": 1, "maximum": 99}`, ``},
		{FieldRemoved, "/total/currency", `, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}`, ``},
		{FieldRenamed, "/note", `"note"`, `"remark"`},
		{FieldRenamed, "/lines/*/sku", `{"sku": {`, `{"stockKeepingUnit": {`},
		{TypeChanged, "/lines/*/quantity", `"type": "integer", "minimum"`, `"type": "number", "minimum"`},
		{TypeChanged, "/total/minorUnits", `{"minorUnits": {"type": "integer"}`, `{"minorUnits": {"type": "string"}`},
		{TypeChanged, "/buyer", `["string", "null"]`, `"string"`},
		{TypeChanged, "/note", `"note": {"type": "string"}`, `"note": {"type": ["string", "null"]}`},
		{TypeChanged, "/note", `"note": {"type": "string"}`, `"note": {}`},
		{RequiredAdded, "/note", `["thingId", "total", "lines"]`, `["thingId", "total", "lines", "note"]`},
		{RequiredAdded, "/lines/*/quantity", `["sku"]`, `["sku", "quantity"]`},
		{RequiredRemoved, "/lines", `["thingId", "total", "lines"]`, `["thingId", "total"]`},
		{EnumNarrowed, "/channel", `["WEB", "TELEPHONE"]`, `["WEB"]`},
		{EnumNarrowed, "/note", `"note": {"type": "string"}`, `"note": {"type": "string", "enum": ["a"]}`},
		{EnumWidened, "/channel", `["WEB", "TELEPHONE"]`, `["WEB", "TELEPHONE", "FAX"]`},
		{EnumWidened, "/channel", `{"enum": ["WEB", "TELEPHONE"]}`, `{}`},
		{BoundTightened, "/lines/*/quantity", `"minimum": 1`, `"minimum": 2`},
		{BoundTightened, "/lines/*/quantity", `"maximum": 99`, `"maximum": 98`},
		{BoundTightened, "/lines/*/sku", `"minLength": 1`, `"minLength": 2`},
		{BoundTightened, "/lines/*/sku", `"maxLength": 40`, `"maxLength": 39`},
		{BoundTightened, "/lines", `"minItems": 1`, `"minItems": 2`},
		{BoundTightened, "/lines", `"maxItems": 9`, `"maxItems": 8`},
		{BoundTightened, "/note", `"note": {"type": "string"}`, `"note": {"type": "string", "maxLength": 10}`},
		{BoundTightened, "/note", `"note": {"type": "string"}`, `"note": {"type": "string", "minLength": 1}`},
		{BoundLoosened, "/lines/*/quantity", `"minimum": 1`, `"minimum": 0`},
		{BoundLoosened, "/lines/*/quantity", `, "maximum": 99`, ``},
		{PatternChanged, "/code", `^[A-Z]+$`, `^[A-Z]{4}$`},
		{PatternChanged, "/code", `, "pattern": "^[A-Z]+$"`, ``},
		{PatternChanged, "/note", `"note": {"type": "string"}`, `"note": {"type": "string", "pattern": "^x"}`},
		{FormatChanged, "/thingId", `"format": "uuid"`, `"format": "uri"`},
		{FormatChanged, "/note", `"note": {"type": "string"}`, `"note": {"type": "string", "format": "date"}`},
		{Closed, "/lines/*", `"type": "object", "required": ["sku"],`, `"type": "object", "additionalProperties": false, "required": ["sku"],`},
		{Closed, "/sealed/ribbon", `{"wax": {`, `{"ribbon": {"type": "string"}, "wax": {`},
		{PersonalRevealed, "/buyer", `, "x-personal": true`, ``},
		{PromiseChanged, "/", `"x-owner": "shop"`, `"x-owner": "till"`},
		{PromiseChanged, "/", `"state-transfer"`, `"delta"`},
		{PromiseChanged, "/", `"at least once"`, `"at most once"`},
		{PromiseChanged, "/", `sold.v1.json`, `sold.v2.json`},
		{KeywordChanged, "/note", `"note": {"type": "string"}`, `"note": {"type": "string", "not": {"const": ""}}`},
		{KeywordChanged, "/lines", `"minItems": 1,`, `"minItems": 1, "uniqueItems": true,`},
		{KeywordChanged, "/note", `"note": {"type": "string"}`, `"note": true`},
		{KeywordChanged, "/sealed", `"additionalProperties": false, "properties": {"wax"`, `"properties": {"wax"`},
	} {
		t.Run(string(c.rule)+" "+c.now, func(t *testing.T) {
			breaches := compared(t, sold, changed(t, c.old, c.now))
			if len(breaches) != 1 || breaches[0].Contract != "shop.thing.sold v1" || breaches[0].Path != c.path || breaches[0].Rule != c.rule {
				t.Errorf("got %v; want one breach of %s at %s", breaches, c.rule, c.path)
			}
		})
	}
}

func TestANewVersionStandsBesideTheOld(t *testing.T) {
	second := strings.ReplaceAll(sold, "v1.json", "v2.json")
	second = strings.Replace(second, `"note": {"type": "string"},`, ``, 1)
	breaches, err := CompareEvents(map[string][]byte{"shop.thing.sold v1": []byte(sold)},
		map[string][]byte{"shop.thing.sold v1": []byte(sold), "shop.thing.sold v2": []byte(second)})
	if len(breaches) > 0 || err != nil {
		t.Error(breaches, err)
	}
}

func TestAReleasedVersionStays(t *testing.T) {
	breaches, err := CompareEvents(map[string][]byte{"shop.thing.sold v1": []byte(sold)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "shop.thing.sold v1 at /: VERSION_REMOVED: its schema is gone, and the fact may still be met"
	if len(breaches) != 1 || breaches[0].String() != want {
		t.Errorf("got %v, want %s", breaches, want)
	}
}

func TestSchemasThatReferToThemselvesAreCompared(t *testing.T) {
	tree := `{"$ref": "#/$defs/node", "$defs": {"node": {"properties": {"child": {"$ref": "#/$defs/node"}, "name": {"type": "string"}}}}}`
	if breaches := compared(t, tree, tree); len(breaches) > 0 {
		t.Error(breaches)
	}
	if breaches := compared(t, tree, strings.Replace(tree, `"string"`, `"integer"`, 1)); len(breaches) == 0 {
		t.Error("a change was not found")
	}
}

func TestWhatIsNotJSONIsAnError(t *testing.T) {
	if _, err := CompareEvents(map[string][]byte{"a": []byte(`{`)}, map[string][]byte{"a": []byte(`{}`)}); err == nil {
		t.Error("a broken released schema was read")
	}
	if _, err := CompareEvents(map[string][]byte{"a": []byte(`{}`)}, map[string][]byte{"a": []byte(`[]`)}); err == nil {
		t.Error("a broken schema was read")
	}
}
