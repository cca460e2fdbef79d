package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/effect"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/query"
	"github.com/innerspace/innerspace/core/schema"
)

const (
	maxEffects  = 4096
	maxEventAge = 1 << 40 // seconds
)

// effectKeys are the keys of an index that readEffects reads.
var effectKeys = []string{"effects", "max_age_seconds", "max_count", "temperature", "event_influence", "time_decay_floor"}

// effects are what events do in an index.
type effects struct {
	settings effect.Settings
	groups   []effect.Group
}

func (d *definition) readEffects(object document.Object, index *indexDefinition) {
	settings := effect.DefaultSettings()
	for key, into := range map[string]*float64{
		"temperature": &settings.Temperature, "event_influence": &settings.Influence, "time_decay_floor": &settings.DecayFloor,
	} {
		if node, ok := object.Get(key); ok && !node.IsNull() {
			if *into = node.Number(); *into < 0 || *into > 1 {
				node.Fail("%s must be between 0 and 1, got %g.", key, *into)
			}
		}
	}
	if age, ok := object.Get("max_age_seconds"); ok && !age.IsNull() {
		settings.MaxAge = age.Integer(1, maxEventAge)
	}
	if count, ok := object.Get("max_count"); ok && !count.IsNull() {
		_ = count.Integer(0, math.MaxInt32) // events are summed up and not kept, so there is nothing to count
	}
	index.effects.settings = settings
	list, ok := object.Get("effects")
	if !ok || list.IsNull() {
		return
	}
	seen := map[string]bool{}
	for _, item := range list.List(maxEffects) {
		// The same effect named twice is one, as in the reference.
		if text := fmt.Sprint(item.Value()); !seen[text] {
			seen[text] = true
			d.readEffect(item, index)
		}
	}
}

func (d *definition) readEffect(item document.Node, index *indexDefinition) {
	object := item.Object("space", "affected", "affecting", "multiplier", "filter")
	space := object.Need("space")
	group := effect.Group{Space: slices.IndexFunc(index.spaces, func(i int) bool { return d.spaces[i].Name() == space.Text() })}
	if group.Space < 0 {
		space.Fail("Space isn't present in the index: %s.", space.Text())
		return
	}
	of, other := d.readReference(object.Need("affected"), &group.Affected), d.readReference(object.Need("affecting"), &group.Affecting)
	if of == nil || other == nil {
		return
	}
	if of != other {
		object.Need("affecting").FailWith(errs.New(errs.InvalidState,
			"the two references of an effect belong to one event schema, not to %s and %s", of.Name, other.Name))
		return
	}
	group.Event = of.Name
	if name := group.Affected.Schema; len(d.spaces[index.spaces[group.Space]].Uses(name)) == 0 {
		object.Need("affected").Fail("the space %s has no field of the schema %s, whose rows the effect is to change", space.Text(), name)
	}
	read := effect.Effect{Multiplier: 1}
	if multiplier, ok := object.Get("multiplier"); ok && !multiplier.IsNull() {
		if read.Multiplier = multiplier.Number(); read.Multiplier == 0 || math.Abs(read.Multiplier) > math.MaxFloat32 {
			multiplier.Fail("the multiplier of an effect must be a number of 32 bits and not 0")
		}
	}
	if filter, ok := object.Get("filter"); ok && !filter.IsNull() {
		read.Filter = query.ReadAlternatives(filter, of)
	}
	index.effects.add(group, read)
}

// add puts an effect into its group, which may be new.
func (e *effects) add(group effect.Group, added effect.Effect) {
	for i := range e.groups {
		g := &e.groups[i]
		if g.Event == group.Event && g.Space == group.Space && g.Affected == group.Affected && g.Affecting == group.Affecting {
			g.Effects = append(g.Effects, added)
			return
		}
	}
	group.Effects = []effect.Effect{added}
	e.groups = append(e.groups, group)
}

// readReference reads "Schema.field", a reference, and returns its event schema; nil where it is none.
func (d *definition) readReference(node document.Node, into *effect.Reference) *schema.Schema {
	name, field, _ := strings.Cut(node.Text(), ".")
	of, ok := d.schema(name)
	if !ok {
		node.Fail("there is no schema %q", name)
		return nil
	}
	position := of.Position(field)
	if position < 0 || of.Fields[position].Type != schema.Reference {
		node.Fail("the schema %s has no reference %q", name, field)
		return nil
	}
	*into = effect.Reference{Field: position, Schema: of.Fields[position].References}
	return of
}

// checkReferences refuses references to what is no schema of entities.
func (d *definition) checkReferences(list document.Node) {
	for i, s := range d.schemas {
		for j, field := range s.Fields {
			if field.Type != schema.Reference {
				continue
			}
			if of, ok := d.schema(field.References); !ok || of.Event {
				list.FailWith(errs.New(errs.InvalidInput, "there is no schema %q to reference", field.References).
					At(itemPath(itemPath("", i)+".fields", j) + ".references"))
			}
		}
	}
}
