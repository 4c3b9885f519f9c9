package contracts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Rules of the events' schemas. Facts are kept for years and read by consumers that are deployed on other days, so that a payload has to
// be good by the old schema as well as by the new one: nothing is tightened, and nothing is loosened. Optional fields may be added.
const (
	VersionRemoved   Rule = "VERSION_REMOVED"
	PromiseChanged   Rule = "PROMISE_CHANGED"
	FieldRemoved     Rule = "FIELD_REMOVED"
	FieldRenamed     Rule = "FIELD_RENAMED"
	TypeChanged      Rule = "TYPE_CHANGED"
	RequiredAdded    Rule = "REQUIRED_ADDED"
	RequiredRemoved  Rule = "REQUIRED_REMOVED"
	EnumNarrowed     Rule = "ENUM_NARROWED"
	EnumWidened      Rule = "ENUM_WIDENED"
	BoundTightened   Rule = "BOUND_TIGHTENED"
	BoundLoosened    Rule = "BOUND_LOOSENED"
	PatternChanged   Rule = "PATTERN_CHANGED"
	FormatChanged    Rule = "FORMAT_CHANGED"
	Closed           Rule = "CLOSED"
	PersonalRevealed Rule = "PERSONAL_REVEALED"
	KeywordChanged   Rule = "KEYWORD_CHANGED"
)

// keywords are a JSON Schema, by keyword.
type keywords = map[string]any

// CompareEvents answers what the present schemas break of those that were released. Both are by contract: "ordering.order.placed v1". A
// version that was not there yet breaks nothing.
func CompareEvents(released, present map[string][]byte) ([]Breach, error) {
	var breaches []Breach
	for _, contract := range slices.Sorted(maps.Keys(released)) {
		now, kept := present[contract]
		if !kept {
			breaches = append(breaches, Breach{contract, "/", VersionRemoved, "its schema is gone, and the fact may still be met"})
			continue
		}
		found, err := compareSchemas(contract, released[contract], now)
		if err != nil {
			return nil, err
		}
		breaches = append(breaches, found...)
	}
	return breaches, nil
}

func compareSchemas(contract string, released, present []byte) ([]Breach, error) {
	old, err := readSchema(released)
	if err != nil {
		return nil, fmt.Errorf("read released schema of %s: %w", contract, err)
	}
	now, err := readSchema(present)
	if err != nil {
		return nil, fmt.Errorf("read schema of %s: %w", contract, err)
	}
	c := comparison{contract: contract, old: old, now: now}
	c.promises()
	c.schemas("", old, now)
	return c.breaches, nil
}

func readSchema(text []byte) (keywords, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var schema keywords
	err := decoder.Decode(&schema)
	return schema, err
}

// comparison goes through an old and a new schema side by side.
type comparison struct {
	contract string
	// old and now are the whole documents, which references point into.
	old, now keywords
	breaches []Breach
}

func (c *comparison) breach(path string, rule Rule, format string, arguments ...any) {
	if path == "" {
		path = "/"
	}
	c.breaches = append(c.breaches, Breach{c.contract, path, rule, fmt.Sprintf(format, arguments...)})
}

// promises are what a schema says of the fact itself.
func (c *comparison) promises() {
	for _, keyword := range []string{"$id", "x-owner", "x-payload-style", "x-delivery"} {
		if old, now := c.old[keyword], c.now[keyword]; !reflect.DeepEqual(old, now) {
			c.breach("", PromiseChanged, "%s was %s and is %s", keyword, show(old), show(now))
		}
	}
}

// described is what describes rather than constrains, or is compared elsewhere.
var described = map[string]bool{
	"$schema": true, "$comment": true, "title": true, "description": true, "examples": true, "default": true, "deprecated": true,
	"$id": true, "x-owner": true, "x-payload-style": true, "x-delivery": true, // promises
	"x-consumers": true, "x-saga": true, "x-undoes": true, // who listens, and the process, may change
	"$defs": true, // matter where they are referred to
}

// deepest ends the comparison of schemas that refer to themselves, all of which has been seen by then.
const deepest = 32

// schemas compares two schemas, and all below them.
func (c *comparison) schemas(path string, old, now keywords) {
	if strings.Count(path, "/") > deepest {
		return
	}
	old, now = followed(c.old, old), followed(c.now, now)
	all := maps.Clone(old)
	maps.Copy(all, now)
	for _, keyword := range slices.Sorted(maps.Keys(all)) {
		was, is := old[keyword], now[keyword]
		switch keyword {
		case "properties":
			c.properties(path, old, now)
		case "required":
			c.required(path, old, now)
		case "type":
			if !slices.Equal(sorted(was), sorted(is)) {
				c.breach(path, TypeChanged, "was %s and is %s", show(was), show(is))
			}
		case "items":
			c.inside(path+"/*", was, is)
		case "enum":
			c.values(path, was, is)
		case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties":
			c.bound(path, keyword, was, is, +1)
		case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties":
			c.bound(path, keyword, was, is, -1)
		case "additionalProperties":
			c.additional(path, was, is)
		case "x-personal":
			if was == true && is != true {
				c.breach(path, PersonalRevealed, "what was personal is not marked any more, so that consoles would show it")
			}
		case "pattern":
			c.same(path, keyword, PatternChanged, was, is)
		case "format":
			c.same(path, keyword, FormatChanged, was, is)
		default:
			if !described[keyword] {
				c.same(path, keyword, KeywordChanged, was, is)
			}
		}
	}
}

// followed is a schema in place of the reference to it. What stands beside the reference comes first.
func followed(root, schema keywords) keywords {
	for range deepest {
		reference, is := schema["$ref"].(string)
		if !is || !strings.HasPrefix(reference, "#/") {
			break
		}
		target := root
		for name := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
			target, _ = target[name].(keywords)
		}
		beside := maps.Clone(schema)
		delete(beside, "$ref")
		schema = maps.Clone(target)
		if schema == nil {
			schema = keywords{}
		}
		maps.Copy(schema, beside)
	}
	return schema
}

func (c *comparison) properties(path string, old, now keywords) {
	was, _ := old["properties"].(keywords)
	is, _ := now["properties"].(keywords)
	for _, name := range slices.Sorted(maps.Keys(was)) {
		at := path + "/" + name
		if _, kept := is[name]; !kept {
			c.removed(at, was, is, name)
			continue
		}
		c.inside(at, was[name], is[name])
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if _, known := was[name]; !known && old["additionalProperties"] == false {
			c.breach(path+"/"+name, Closed, "is added to an object of which consumers were told that it has no other fields")
		}
	}
}

// removed tells a field that has another name now from one that is gone.
func (c *comparison) removed(path string, was, is keywords, name string) {
	for _, other := range slices.Sorted(maps.Keys(is)) {
		if _, known := was[other]; !known && reflect.DeepEqual(constraining(was[name]), constraining(is[other])) {
			c.breach(path, FieldRenamed, "is called %q now", other)
			return
		}
	}
	c.breach(path, FieldRemoved, "was %s", show(constraining(was[name])))
}

// constraining is a schema without its descriptions.
func constraining(schema any) keywords {
	whole, _ := schema.(keywords)
	bare := maps.Clone(whole)
	maps.DeleteFunc(bare, func(keyword string, _ any) bool { return described[keyword] })
	return bare
}

func (c *comparison) required(path string, old, now keywords) {
	was, is := sorted(old["required"]), sorted(now["required"])
	for _, name := range is {
		if !slices.Contains(was, name) {
			c.breach(path+"/"+name, RequiredAdded, "was optional, or not there at all, and facts without it exist")
		}
	}
	fields, _ := now["properties"].(keywords)
	for _, name := range was {
		if _, kept := fields[name]; kept && !slices.Contains(is, name) {
			c.breach(path+"/"+name, RequiredRemoved, "consumers rely on it")
		}
	}
}

// inside compares what is at a path, which may also be true or false, or nothing.
func (c *comparison) inside(path string, was, is any) {
	old, wasSchema := was.(keywords)
	now, isSchema := is.(keywords)
	if wasSchema && isSchema {
		c.schemas(path, old, now)
		return
	}
	c.same(path, "schema", KeywordChanged, was, is)
}

func (c *comparison) values(path string, was, is any) {
	old, now := sorted(was), sorted(is)
	for _, value := range old {
		if is != nil && !slices.Contains(now, value) {
			c.breach(path, EnumNarrowed, "%s is not among the values any more", value)
		}
	}
	for _, value := range now {
		if was != nil && !slices.Contains(old, value) {
			c.breach(path, EnumWidened, "%s is a value that consumers do not know", value)
		}
	}
	switch {
	case was == nil:
		c.breach(path, EnumNarrowed, "was any value and is one of %s", show(is))
	case is == nil:
		c.breach(path, EnumWidened, "was one of %s and is any value", show(was))
	}
}

// bound compares a limit; tighter is the sign of the change that makes it tighter.
func (c *comparison) bound(path, keyword string, was, is any, tighter int) {
	change := tighter
	switch {
	case reflect.DeepEqual(was, is):
		return
	case is == nil:
		change = -tighter
	case was != nil:
		change = direction(was, is)
	}
	if change == tighter {
		c.breach(path, BoundTightened, "%s was %s and is %s", keyword, show(was), show(is))
	} else if change != 0 {
		c.breach(path, BoundLoosened, "%s was %s and is %s", keyword, show(was), show(is))
	}
}

func (c *comparison) additional(path string, was, is any) {
	open := func(value any) bool { return value == nil || value == true }
	switch {
	case open(was) && open(is) || reflect.DeepEqual(was, is):
	case open(was):
		c.breach(path, Closed, "additionalProperties is %s, so that facts with other fields are not valid any more", show(is))
	default:
		c.same(path, "additionalProperties", KeywordChanged, was, is)
	}
}

func (c *comparison) same(path, keyword string, rule Rule, was, is any) {
	if !reflect.DeepEqual(was, is) {
		c.breach(path, rule, "%s was %s and is %s", keyword, show(was), show(is))
	}
}

// sorted lists one value or several as JSON, in an order.
func sorted(value any) []string {
	values, several := value.([]any)
	if !several {
		values = []any{value}
	}
	var list []string
	for _, v := range values {
		if text, is := v.(string); is {
			list = append(list, text)
		} else if v != nil || several {
			list = append(list, show(v))
		}
	}
	slices.Sort(list)
	return list
}

// direction is the sign of the change from one number to another.
func direction(was, is any) int {
	old, _ := was.(json.Number)
	now, _ := is.(json.Number)
	before, _ := old.Float64()
	after, _ := now.Float64()
	switch {
	case after > before:
		return +1
	case after < before:
		return -1
	default:
		return 0
	}
}

func show(value any) string {
	if value == nil {
		return "absent"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
