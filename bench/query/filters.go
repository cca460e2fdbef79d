package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// named is an AND of groups of alternatives.
type named struct {
	name   string
	groups []string
}

var filters = []named{
	{"none", nil},
	{"text ==", groups(either(is("shelf", "eq", "hundredth")))},
	{"text ==", groups(either(is("shelf", "eq", "tenth")))},
	{"text ==", groups(either(is("shelf", "eq", "half")))},
	{"text !=", groups(either(is("shelf", "ne", "half")))},
	{"number >", groups(either(is("price", "gt", .99)))},
	{"number >", groups(either(is("price", "gt", .9)))},
	{"number >", groups(either(is("price", "gt", .5)))},
	{"whole number <", groups(either(is("stock", "lt", 500)))},
	{"text in", groups(either(is("brand", "in", some(1))))},
	{"text in", groups(either(is("brand", "in", some(10))))},
	{"text in", groups(either(is("brand", "in", some(50))))},
	{"whole number in", groups(either(is("stock", "in", numbers(100))))},
	{"list contains", groups(either(is("tags", "contains", []string{"hundredth"})))},
	{"list contains", groups(either(is("tags", "contains", []string{"tenth"})))},
	{"list contains", groups(either(is("tags", "contains", []string{"half"})))},
	{"list contains all", groups(either(is("tags", "contains_all", []string{"half", "tenth"})))},
	{"text == or number >", groups(either(is("shelf", "eq", "hundredth"), is("price", "gt", .99)))},
	{"text == or number >", groups(either(is("shelf", "eq", "tenth"), is("price", "gt", .9)))},
	{"text == or number >", groups(either(is("shelf", "eq", "half"), is("price", "gt", .5)))},
	{"(text == or number >) and list contains", groups(either(is("shelf", "eq", "half"), is("price", "gt", .5)), either(is("tags", "contains", []string{"half"})))},
	{"number > and number < and text ==", groups(either(is("price", "gt", .2)), either(is("price", "lt", .4)), either(is("shelf", "eq", "half")))},
}

func is(field, operator string, value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // the values are those above
	}
	return fmt.Sprintf(`{"field": %q, "operator": %q, "value": {"value": %s}}`, field, operator, text)
}

func either(conditions ...string) string { return `{"any": [` + strings.Join(conditions, ",") + `]}` }

func groups(list ...string) []string { return list }

func some(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("brand-%02d", i))
	}
	return list
}

func numbers(n int) (list []int) {
	for i := range n {
		list = append(list, i*7%1000)
	}
	return list
}
