package query

import (
	"strings"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/filter"
	"github.com/innerspace/innerspace/core/schema"
)

// Caps on the filters of a query: groups, and conditions in each.
const (
	maxFilters    = 256
	maxConditions = 256
)

// condition is one comparison of a filter.
type condition struct {
	position int // of the field in the schema
	operator filter.Operator
	operand  *Operand
}

// readFilters reads the groups, of which all must hold: of each {"any": [...]} at least one condition.
func (p *Plan) readFilters(object document.Object) {
	list, ok := object.Get("filters")
	if !ok || list.IsNull() {
		return
	}
	for _, item := range list.List(maxFilters) {
		any := item.Object("any").Need("any")
		var group []condition
		for _, entry := range any.List(maxConditions) {
			group = append(group, p.readCondition(entry))
		}
		if len(group) == 0 {
			any.Fail("needs at least one condition")
		}
		p.filters = append(p.filters, group)
	}
}

func (p *Plan) readCondition(node document.Node) condition {
	object := node.Object("field", "operator", "value")
	name := object.Need("field")
	read := condition{operator: filter.Operator(object.Need("operator").Text())}
	// A field may be written with its schema, so that one of another schema can be told from an unknown one.
	of, field, qualified := strings.Cut(name.Text(), ".")
	if !qualified {
		of, field = p.Schema.Name, name.Text()
	}
	read.position = p.Schema.Position(field)
	switch {
	case of != p.Schema.Name:
		name.Fail("%s.%s is not part of the %s schema.", of, field, p.Schema.Name)
	case read.position < 0:
		name.Fail("the schema %s has no field %q", of, field)
	default:
		object.Need("operator").FailWith(read.operator.Check(p.Schema.Fields[read.position]))
	}
	read.operand = p.readOperand(object.Need("value"))
	return read
}

// bindFilters makes the filter. A condition on a parameter without a value is dropped, from its group of alternatives
// too; a group that has none left lets everything through.
func (p *Plan) bindFilters(bound *Bound, values Values) error {
	var unlisted []string
	for _, group := range p.filters {
		var conditions []filter.Condition
		for _, c := range group {
			field := p.Schema.Fields[c.position]
			value, err := c.operand.get(values)
			if err != nil {
				return err
			}
			if value == nil && c.operand.param != "" {
				bound.note(c.operand, nil)
				continue
			}
			typed, err := c.typed(field.Type, value)
			if err != nil {
				return err
			}
			bound.note(c.operand, typed)
			if field.Type != schema.ID && !p.listed[field.Name] {
				unlisted = append(unlisted, "'__schema_field__"+p.Schema.Name+"_"+field.Name+"'")
				continue
			}
			test, err := filter.Compile(field, c.operator, typed)
			if err != nil {
				return errs.From(err).At(c.operand.where())
			}
			conditions = append(conditions, filter.Condition{Field: c.position, Test: test})
		}
		if len(conditions) > 0 {
			bound.Filter = append(bound.Filter, conditions)
		}
	}
	if unlisted != nil {
		return errs.New(errs.InvalidInput, "Unindexed fields with filter found: [%s]", strings.Join(unlisted, ", "))
	}
	return nil
}
