package space

import (
	"context"
	"math"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

const maxCategories = 1 << 16

// categoricalSpace compares sets of categories out of n known ones.
//
// A vector has an entry for each category, and a last one for all others ("other"), which unknown values belong to unless
// uncategorized values are to count for nothing. At ingest the entries of a row's categories are 1/sqrt(n) and all
// others the negative filter, protected. A row without categories has zeros, none of them protected.
// The formula of queries is in categorical_query.go.
type categoricalSpace struct {
	single
	categories     int
	positions      map[string]int
	negativeFilter float64
	other          bool // unknown values count as the last category
}

func readCategoricalSpace(node document.Node, schemas Schemas) Definition {
	object := node.Object(append(singleKeys, "categories", "negative_filter", "uncategorized_as_category")...)
	s := &categoricalSpace{positions: map[string]int{}, other: true}
	s.single = readSingle(object, schemas, "category", []schema.Type{schema.String, schema.StringList}, nil, nil)
	s.needField(object, "CategoricalSimilaritySpace")
	list := object.Need("categories")
	items := list.List(maxCategories)
	for position, item := range items {
		if _, twice := s.positions[item.Text()]; !twice { // the first place of a category named twice is its own
			s.positions[item.Text()] = position
		}
	}
	if s.categories = len(items); s.categories == 0 {
		list.Fail("a categorical space needs at least one category")
	}
	if filter, ok := object.Get("negative_filter"); ok && !filter.IsNull() {
		s.negativeFilter = filter.Number()
		checkEntry(filter, s.negativeFilter)
	}
	if other, ok := object.Get("uncategorized_as_category"); ok && !other.IsNull() {
		s.other = other.Bool()
	}
	return s
}

func (s *categoricalSpace) Identity() string {
	names := make([]string, s.categories)
	for name, position := range s.positions {
		names[position] = name
	}
	return s.identity("categorical_similarity_space", names, s.negativeFilter, s.other)
}

// IdentityFor leaves the fields of other schemas out.
func (s *categoricalSpace) IdentityFor(schema string) string {
	restricted := *s
	restricted.fields = only(s.fields, schema)
	return restricted.Identity()
}

func (s *categoricalSpace) Build(Embedder, embed.Info) (Space, error) { return s, nil }

func (s *categoricalSpace) Dimension() int { return s.categories + 1 }

func (s *categoricalSpace) Missing() vector.Vector {
	return vector.Plain(make([]float32, s.Dimension()))
}

func (s *categoricalSpace) Target(name string) (Target, error) {
	return s.oneTarget("categorical space", name, CategoriesValue)
}

// position is the entry of a value; false where it has none.
func (s *categoricalSpace) position(value string) (int, bool) {
	if position, known := s.positions[value]; known {
		return position, true
	}
	return s.categories, s.other
}

// encode gives the entries of values one number and all others another, which is protected.
func (s *categoricalSpace) encode(values []string, matched, unmatched float64) vector.Vector {
	made := vector.Vector{Values: make([]float32, s.Dimension()), Protected: make([]bool, s.Dimension())}
	for i := range made.Values {
		made.Values[i], made.Protected[i] = float32(unmatched), true
	}
	for _, value := range values {
		if i, ok := s.position(value); ok {
			made.Values[i], made.Protected[i] = float32(matched), false
		}
	}
	return made
}

// matched is the entry of a row's category.
func (s *categoricalSpace) matched() float64 { return 1 / math.Sqrt(float64(s.categories)) }

func (s *categoricalSpace) Encode(_ context.Context, schema string, rows Rows, progress func(int)) (*Encoding, error) {
	field := s.fields[schema]
	return encodeEach(rows, field, s.Missing(), progress, func(row int) (vector.Vector, bool, error) {
		values, ok := rows.Texts(row, field)
		if !ok || len(values) == 0 {
			return vector.Vector{}, false, nil
		}
		return s.encode(values, s.matched(), s.negativeFilter), true, nil
	}), nil
}

// Protected finds the entries that hold the negative filter. With a filter of 0 there is nothing to find: a 0 stays 0
// whatever it is multiplied by.
func (s *categoricalSpace) Protected(values []float32) []bool {
	if s.negativeFilter == 0 {
		return nil
	}
	protected := make([]bool, len(values))
	for i, value := range values {
		protected[i] = value == float32(s.negativeFilter)
	}
	return protected
}
