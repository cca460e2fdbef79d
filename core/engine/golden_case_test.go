package engine_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// goldenCase is a case of testdata/goldens/cases: a definition and steps, with what the reference made of them.
type goldenCase struct {
	Format  string         `json:"format"`
	Name    string         `json:"name"`
	Now     *int64         `json:"now"`
	Schemas []goldenSchema `json:"schemas"`
	Spaces  map[string]struct {
		Type     string          `json:"type"`
		Fields   json.RawMessage `json:"fields"`
		Periods  [][2]float64    `json:"periods"`
		Settings map[string]any  `json:"-"`
	} `json:"spaces"`
	Indices     map[string]map[string]any `json:"indices"`
	Parsers     map[string]any            `json:"parsers"`
	Steps       []goldenStep              `json:"steps"`
	ExpectBuild *struct {
		Error goldenError `json:"error"`
	} `json:"expect_build"`
	settings map[string]map[string]any // of spaces
}

type goldenSchema struct {
	Name   string `json:"name"`
	Event  bool   `json:"event"`
	Fields []struct {
		Name     string `json:"name"`
		Type     string `json:"type"`
		Optional bool   `json:"optional"`
		Ref      string `json:"ref"`
	} `json:"fields"`
}

type goldenStep struct {
	Op      string                       `json:"op"`
	Schema  string                       `json:"schema"`
	Data    json.RawMessage              `json:"data"`
	As      string                       `json:"as"`
	Index   string                       `json:"index"`
	Find    string                       `json:"find"`
	Weights map[string]any               `json:"weights"`
	Clauses []map[string]json.RawMessage `json:"clauses"`
	Params  map[string]any               `json:"params"`
	IDs     any                          `json:"ids"`
	Expect  goldenExpectation            `json:"expect"`
}

// ids are those that a vectors step asks for, one or a list; nil for all.
func (s *goldenStep) ids(t *testing.T) []string {
	var ids []string
	switch asked := s.IDs.(type) {
	case nil:
	case string:
		ids = []string{asked}
	case []any:
		for _, id := range asked {
			ids = append(ids, id.(string))
		}
	default:
		t.Fatalf("ids: %v", asked)
	}
	return ids
}

type goldenError struct {
	Class   string   `json:"class"`
	Bases   []string `json:"bases"`
	Message string   `json:"message"`
}

type goldenExpectation struct {
	OK    bool         `json:"ok"`
	Error *goldenError `json:"error"`
	Rows  []struct {
		ID            string         `json:"id"`
		Score         float64        `json:"score"`
		Fields        map[string]any `json:"fields"`
		PartialScores []float64      `json:"partial_scores"`
		VectorParts   [][]float64    `json:"vector_parts"`
	} `json:"rows"`
	SearchVector []float64            `json:"search_vector"`
	UserParams   map[string]any       `json:"user_params"`
	Vectors      map[string][]float64 `json:"vectors"`
}

// goldenCases reads all cases, the recorded ones and the random ones of make_random_cases.py.
func goldenCases(t *testing.T) []goldenCase {
	paths, err := filepath.Glob("../../testdata/goldens/cases/*.json")
	require.NoError(t, err)
	random, err := filepath.Glob("../../testdata/goldens/random/*.json")
	require.NoError(t, err)
	paths = append(paths, random...)
	var cases []goldenCase
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		var probe struct {
			Format string `json:"format"`
		}
		if json.Unmarshal(data, &probe) != nil || probe.Format != "golden-case-1" {
			continue
		}
		var c goldenCase
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber() // 2 and 2.0 differ for a limit
		require.NoError(t, decoder.Decode(&c), path)
		var rest struct {
			Spaces map[string]map[string]any `json:"spaces"`
		}
		require.NoError(t, json.Unmarshal(data, &rest), path)
		c.settings = rest.Spaces
		cases = append(cases, c)
	}
	return cases
}

var fieldTypes = map[string]string{
	"Id": "id", "String": "string", "StringList": "string_list", "Integer": "integer", "Float": "float", "FloatList": "float_list",
	"Boolean": "boolean", "Timestamp": "timestamp", "Blob": "blob", "CreatedAt": "created_at", "SchemaReference": "schema_reference",
}

// spaceKinds maps the reference's class of a space to our type and what that calls its field.
var spaceKinds = map[string][2]string{
	"NumberSpace": {"number_space", "number"}, "RecencySpace": {"recency_space", "timestamp"},
	"CategoricalSimilaritySpace": {"categorical_similarity_space", "category"}, "CustomSpace": {"custom_space", "vector"},
}

type object = map[string]any

// definition writes the case's definition as ours.
func (c *goldenCase) definition(t *testing.T) []byte {
	document := object{"version": 1, "options": object{"now": c.Now}}
	var schemas, spaces, indices []any
	for _, s := range c.Schemas {
		var fields []any
		for _, f := range s.Fields {
			fields = append(fields, object{"name": f.Name, "type": fieldTypes[f.Type], "optional": f.Optional, "references": nullable(f.Ref)})
		}
		kind := map[bool]string{false: "schema", true: "event_schema"}[s.Event]
		schemas = append(schemas, object{"type": kind, "name": s.Name, "fields": fields})
	}
	for name, settings := range c.settings {
		spaces = append(spaces, goldenSpace(name, settings))
	}
	for name, settings := range c.Indices {
		index := object{"type": "index", "name": name}
		for key, value := range settings {
			index[key] = value
			if key == "effects" {
				index[key] = goldenEffects(value.([]any))
			}
		}
		indices = append(indices, index)
	}
	document["schemas"], document["spaces"], document["indices"] = schemas, spaces, indices
	data, err := json.Marshal(document)
	require.NoError(t, err)
	return data
}

// nullable is null for an empty text.
func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func goldenEffects(list []any) (effects []any) {
	for _, item := range list {
		made := maps.Clone(item.(map[string]any))
		made["filter"] = anyOf(made["filter"].(map[string]any))
		effects = append(effects, made)
	}
	return effects
}

func goldenSpace(name string, settings map[string]any) object {
	kind := spaceKinds[settings["type"].(string)]
	space := object{"name": name}
	for key, value := range settings {
		switch key {
		case "type":
			space["type"] = kind[0]
		case "fields":
			var fields []any
			list, isList := value.([]any)
			if !isList {
				list = []any{value}
			}
			for _, path := range list {
				schema, field, _ := strings.Cut(path.(string), ".")
				fields = append(fields, object{"schema": schema, kind[1]: field})
			}
			space["fields"] = fields
		case "mode":
			space[key] = strings.ToLower(value.(string))
		case "scale":
			space[key] = map[string]string{"linear": "linear", "log": "logarithmic"}[value.(string)]
		case "aggregation_mode":
			space["aggregation"] = strings.ToLower(strings.TrimPrefix(value.(string), "INPUT_"))
		case "periods":
			var periods []any
			for _, p := range value.([]any) {
				pair := p.([]any)
				periods = append(periods, object{"seconds": pair[0], "weight": pair[1]})
			}
			space[key] = periods
		case "offset_hours":
			space["offset_seconds"] = value.(float64) * 3600
		default:
			space[key] = value
		}
	}
	return space
}

// operand writes a value of a case, which may be a parameter.
func operand(value any) object {
	if param, ok := value.(map[string]any); ok && param["param"] != nil {
		made := object{}
		for _, key := range []string{"param", "default", "options"} {
			if given, ok := param[key]; ok {
				made[key] = given
			}
		}
		return made
	}
	return object{"value": value}
}

// query writes a step's query as ours.
func (c *goldenCase) query(t *testing.T, step goldenStep) []byte {
	query := object{"version": 1, "type": "query", "index": step.Index, "schema": step.Find}
	var weights, clauses, filters []any
	addWeights := func(named map[string]any) {
		for space, weight := range named {
			weights = append(weights, object{"space": space, "weight": operand(weight)})
		}
	}
	addWeights(step.Weights)
	for _, clause := range step.Clauses {
		for kind, raw := range clause {
			var value any
			require.NoError(t, json.Unmarshal(raw, &value))
			settings, _ := value.(map[string]any)
			switch kind {
			case "similar":
				space := settings["space"].(string)
				similar := object{"type": "similar", "space": space, "field": spaceKinds[c.Spaces[space].Type][1], "value": operand(settings["value"])}
				if weight, ok := settings["weight"]; ok {
					similar["weight"] = operand(weight)
				}
				clauses = append(clauses, similar)
			case "with_vector":
				clauses = append(clauses, withVector(settings))
			case "filter":
				filters = append(filters, anyOf(settings))
			case "space_weights":
				addWeights(settings)
			case "include_metadata":
				query["partial_scores"] = true
			case "select_all", "select":
				query["select"] = object{"type": "all"}
				if kind == "select" {
					query["select"] = object{"type": "fields", "fields": operand(settings["fields"])}
				}
				if spaces, ok := settings["metadata"]; ok {
					query["vector_parts"] = spaces
				}
			default:
				query[kind] = operand(value)
			}
		}
	}
	query["space_weights"], query["clauses"] = weights, clauses
	for key, list := range map[string][]any{"space_weights": weights, "clauses": clauses, "filters": filters} {
		if query[key] = list; list == nil {
			delete(query, key)
		}
	}
	data, err := json.Marshal(query)
	require.NoError(t, err)
	return data
}

func withVector(settings map[string]any) object {
	made := object{"type": "with_vector", "schema": settings["schema"], "id": operand(settings["id"])}
	if weight, ok := settings["weight"]; ok {
		made["weight"] = operand(weight)
	}
	if named, ok := settings["weights"].(map[string]any); ok {
		var weights []any
		for space, weight := range named {
			weights = append(weights, object{"space": space, "weight": operand(weight)})
		}
		made["weights"] = weights
	}
	return made
}

var operators = map[string]string{
	"==": "eq", "!=": "ne", ">": "gt", "<": "lt", ">=": "ge", "<=": "le", "in": "in", "not_in": "not_in",
	"contains": "contains", "not_contains": "not_contains", "contains_all": "contains_all", "is": "eq", "is_not": "ne",
}

func anyOf(condition map[string]any) object {
	list := []any{condition}
	if alternatives, ok := condition["or"].([]any); ok {
		list = alternatives
	}
	var conditions []any
	for _, item := range list {
		each := item.(map[string]any)
		_, field, _ := strings.Cut(each["field"].(string), ".")
		conditions = append(conditions, object{"field": field, "operator": operators[each["op"].(string)], "value": operand(each["value"])})
	}
	return object{"any": conditions}
}
