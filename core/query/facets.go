package query

import (
	"slices"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/facet"
	"github.com/innerspace/innerspace/core/schema"
)

// Caps on the facets of a query, and how many counts each has where it does not say.
const (
	maxFacets          = 256
	maxFacetLimit      = 10_000
	defaultFacetValues = 10
)

// Facets are fields whose values are counted among the rows that pass the filters.
type Facets struct {
	Fields []int // positions in the schema
	Limit  int   // counts of a field
}

// readFacets reads {"fields": [...], "limit": n}.
func (p *Plan) readFacets(object document.Object) {
	node, ok := object.Get("facets")
	if !ok || node.IsNull() {
		return
	}
	members := node.Object("fields", "limit")
	p.facets.Limit = defaultFacetValues
	if limit, ok := members.Get("limit"); ok {
		p.facets.Limit = int(limit.Integer(1, maxFacetLimit))
	}
	for _, item := range members.Need("fields").List(maxFacets) {
		position := p.Schema.Position(item.Text())
		switch {
		case position < 0:
			item.Fail("the schema %s has no field %q", p.Schema.Name, item.Text())
		case !p.listed[item.Text()] && p.Schema.Fields[position].Type != schema.ID:
			item.Fail("the field %s is not listed in the index' fields; only those that are can be counted", item.Text())
		default:
			item.FailWith(facet.Check(p.Schema.Fields[position]))
			if !slices.Contains(p.facets.Fields, position) {
				p.facets.Fields = append(p.facets.Fields, position)
			}
		}
	}
}
