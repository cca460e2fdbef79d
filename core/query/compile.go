package query

import (
	"math"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// DefaultContributionRows is how many rows say what each clause gave to their score, where the query does not.
const DefaultContributionRows = 100

// Compile reads a JSON query (docs/architecture.md). Errors carry the path of the mistake.
func Compile(data []byte, catalog Catalog) (*Plan, error) {
	parsed, err := document.Parse(data, MaxBytes)
	if err != nil {
		return nil, err
	}
	plan := &Plan{params: map[string][]*Operand{}}
	plan.read(parsed, catalog)
	if err := parsed.Err(); err != nil {
		return nil, err
	}
	// A literal is as wrong now as it will be at every run; a default too.
	if _, err := plan.Bind(Values{}); err != nil {
		return nil, err
	}
	return plan, nil
}

func (p *Plan) read(parsed *document.Document, catalog Catalog) {
	object := parsed.Root().Object("version", "type", "index", "schema", "space_weights", "clauses", "filters", "facets", "select",
		"limit", "radius", "override_now", "partial_scores", "vector_parts", "contribution_rows")
	object.Need("version").Integer(1, 1)
	if kind := object.Need("type"); kind.Text() != "query" {
		kind.Fail(`must be "query"`)
	}
	if !p.readFind(object, catalog) || parsed.Err() != nil {
		return
	}
	p.readWeights(object)
	if list, ok := object.Get("clauses"); ok {
		for _, item := range list.List(maxClauses) {
			p.readClause(item)
		}
	}
	p.readFilters(object)
	p.readFacets(object)
	p.readSelect(object)
	for key, operand := range map[string]**Operand{"limit": &p.limit, "radius": &p.radius, "override_now": &p.now} {
		if node, ok := object.Get(key); ok && !node.IsNull() {
			*operand = p.readOperand(node)
		}
	}
	if node, ok := object.Get("partial_scores"); ok {
		p.partialScores = node.Bool()
	}
	if list, ok := object.Get("vector_parts"); ok {
		for _, item := range list.List(maxClauses) {
			if i := p.readSpace(item); i >= 0 && !slices.Contains(p.vectorParts, i) {
				p.vectorParts = append(p.vectorParts, i)
			}
		}
		slices.Sort(p.vectorParts)
	}
	p.contributionRows = DefaultContributionRows
	if node, ok := object.Get("contribution_rows"); ok {
		p.contributionRows = int(node.Integer(0, math.MaxInt32))
	}
}

func (p *Plan) readFind(object document.Object, catalog Catalog) bool {
	name := object.Need("index")
	searched, ok := catalog.Index(name.Text())
	if !ok {
		name.Fail("Query index %s is not amongst the executor's indices (%s)", name.Text(), strings.Join(catalog.IndexNames(), ", "))
		return false
	}
	wanted := object.Need("schema")
	at := slices.IndexFunc(searched.Schemas, func(s *schema.Schema) bool { return s.Name == wanted.Text() })
	if at < 0 {
		wanted.Fail("Index doesn't have the queried schema (%s)", wanted.Text())
		return false
	}
	p.Index, p.Schema, p.schemas = searched.Index, searched.Schemas[at], searched.Schemas
	p.excluded, p.listed = searched.Excluded[p.Schema.Name], searched.Listed[p.Schema.Name]
	p.spaceWeights = make([]*Operand, len(p.Index.Spaces))
	return true
}

// readSpace reads the name of a space of the index and returns its position, or -1.
func (p *Plan) readSpace(node document.Node) int {
	position := p.Index.Position(node.Text())
	if position < 0 {
		node.Fail("Space isn't present in the index: %s.", node.Text())
	}
	return position
}

func (p *Plan) readClause(item document.Node) {
	kind, ok := item.Peek("type")
	if !ok {
		item.Fail(`must be an object with a "type"`)
		return
	}
	switch kind.Text() {
	case "similar":
		p.readSimilar(item)
	case "with_vector":
		p.readWithVector(item)
	default:
		kind.Fail("unknown clause type %q; known are similar and with_vector", kind.Text())
	}
}

func (p *Plan) readSimilar(item document.Node) {
	object := item.Object("type", "space", "field", "value", "weight")
	c := clause{space: p.readSpace(object.Need("space"))}
	if c.space < 0 {
		return
	}
	field := object.Need("field")
	target, err := p.Index.Spaces[c.space].Target(field.Text())
	field.FailWith(err)
	c.target = target
	c.value = p.readOperand(object.Need("value"))
	if weight, ok := object.Get("weight"); ok && !weight.IsNull() {
		c.weight = p.readOperand(weight)
	}
	p.clauses = append(p.clauses, c)
}

func (p *Plan) readSelect(object document.Object) {
	node, ok := object.Get("select")
	if !ok || node.IsNull() {
		return
	}
	selection := node.Object("type", "fields")
	switch kind := selection.Need("type"); kind.Text() {
	case "all":
		p.selectAll = true
		if fields, ok := selection.Get("fields"); ok {
			fields.Fail(`"fields" has no place beside "all"`)
		}
	case "fields":
		p.selection = p.readOperand(selection.Need("fields"))
	default:
		kind.Fail("unknown selection %q; known are all and fields", kind.Text())
	}
}

// unknown refuses parameters that the query does not have.
func (p *Plan) unknown(values Values) error {
	var names []string
	for name := range values.Scalars {
		if p.params[name] == nil {
			names = append(names, name)
		}
	}
	for name := range values.Images {
		if p.params[name] == nil && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return nil
	}
	slices.Sort(names)
	return errs.New(errs.InvalidInput, "Unknown query parameters: %s.", strings.Join(names, ", "))
}
