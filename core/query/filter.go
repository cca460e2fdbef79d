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
	value    document.Node // the operand's
}

// readFilters reads the groups, of which all must hold: of each {"any": [...]} at least one condition.
func (p *Plan) readFilters(object document.Object) {
	list, ok := object.Get("filters")
	if !ok || list.IsNull() {
		return
	}
	for _, item := range list.List(maxFilters) {
		p.filters = append(p.filters, p.readGroup(item))
	}
}

func (p *Plan) readGroup(item document.Node) (group []condition) {
	any := item.Object("any").Need("any")
	for _, entry := range any.List(maxConditions) {
		group = append(group, p.readCondition(entry))
	}
	if len(group) == 0 {
		any.Fail("needs at least one condition")
	}
	return group
}

// ReadAlternatives reads {"any": [...]} of a definition: a filter by fields of a schema, without parameters. Mistakes are
// recorded in the node's document.
func ReadAlternatives(node document.Node, of *schema.Schema) filter.Filter {
	p := &Plan{Schema: of, params: map[string][]*Operand{}}
	var conditions []filter.Condition
	for _, c := range p.readGroup(node) {
		if c.position < 0 || c.operand.param != "" {
			node.Fail("a filter in a definition has no parameters")
			return nil
		}
		_, compiled, err := c.compile(of.Fields[c.position], c.operand.value)
		if err != nil {
			c.value.Fail("%s", errs.From(err).Message)
		}
		conditions = append(conditions, compiled)
	}
	return filter.Filter{conditions}
}

// compile makes the filter's condition with a value, which it gives back in the type of the field.
func (c condition) compile(field schema.Field, value any) (typed any, compiled filter.Condition, err error) {
	if typed, err = c.typed(field.Type, value); err != nil {
		return nil, compiled, err
	}
	if compiled, err = filter.Compile(c.position, field, c.operator, typed); err != nil {
		return nil, compiled, errs.From(err).At(c.operand.where())
	}
	return typed, compiled, nil
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
	read.value = object.Need("value")
	read.operand = p.readOperand(read.value)
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
			typed, compiled, err := c.compile(field, value)
			if err != nil {
				return err
			}
			bound.note(c.operand, typed)
			if field.Type != schema.ID && !p.listed[field.Name] {
				unlisted = append(unlisted, "'__schema_field__"+p.Schema.Name+"_"+field.Name+"'")
				continue
			}
			conditions = append(conditions, compiled)
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
