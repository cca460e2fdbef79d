package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/effect"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
)

// described is a manifest with its definition read.
type described struct {
	*manifest
	*definition
}

func (m *manifest) describe() (described, error) {
	d, err := m.read()
	return described{m, d}, err
}

func (d described) indexPosition(name string) int {
	return slices.IndexFunc(d.indices, func(index indexDefinition) bool { return index.name == name })
}

// searches says whether rows of a schema have vectors in an index.
func (d described) searches(of string, index int) bool {
	return slices.ContainsFunc(d.indices[index].spaces, func(position int) bool { return len(d.spaces[position].Uses(of)) > 0 })
}

// parts tells what the vectors of the rows of a schema in an index are made of, space by space.
func (d described) parts(of string, index int) []string {
	parts := make([]string, len(d.indices[index].spaces))
	for i, position := range d.indices[index].spaces {
		parts[i] = d.spaces[position].IdentityFor(of)
	}
	return parts
}

// covers says whether an index has all of the parts.
func (d described) covers(parts []string, of string) bool {
	return slices.ContainsFunc(d.indices, func(index indexDefinition) bool {
		own := d.parts(of, d.indexPosition(index.name))
		return !slices.ContainsFunc(parts, func(part string) bool { return !slices.Contains(own, part) })
	})
}

// spaceOf gives a space of an index.
func (d described) spaceOf(index, position int) space.Definition {
	return d.spaces[d.indices[index].spaces[position]]
}

// effectsOn tells what events do to the rows of a schema in an index; "" where they do nothing. The order of effects does not matter.
func (d described) effectsOn(of string, index int) string {
	keys := d.groupKeys(of, index)
	if len(keys) == 0 {
		return ""
	}
	return fmt.Sprintf("%+v %s", d.indices[index].effects.settings, strings.Join(keys, "\n"))
}

// groupKeys tells the groups of effects on the rows of a schema in an index apart, in an order that is the same for the
// same groups.
func (d described) groupKeys(of string, index int) (keys []string) {
	for _, group := range d.indices[index].effects.groups {
		if group.Affected.Schema == of {
			keys = append(keys, d.groupKey(index, group)+d.effectsOf(index, group))
		}
	}
	slices.Sort(keys)
	return keys
}

// groupsOn gives the positions of the groups of groupKeys in the index.
func (d described) groupsOn(of string, index int) []int {
	keys := d.groupKeys(of, index)
	positions := make([]int, len(keys))
	for i, group := range d.indices[index].effects.groups {
		if group.Affected.Schema == of {
			positions[slices.Index(keys, d.groupKey(index, group)+d.effectsOf(index, group))] = i
		}
	}
	return positions
}

// unstored are the positions of the fields of a schema that are not kept.
func (d described) unstored(of *schema.Schema) []int {
	var searched []string
	for i, index := range d.indices {
		if d.searches(of.Name, i) {
			searched = append(searched, index.name)
		}
	}
	return d.leftOut(of, searched)
}

// groupKey names a group by what stays when spaces and fields change their places.
func (d described) groupKey(index int, group effect.Group) string {
	event, _ := d.schema(group.Event)
	return fmt.Sprintf("%q %q %q %q", group.Event, d.spaceOf(index, group.Space).IdentityFor(group.Affected.Schema),
		event.Fields[group.Affected.Field].Name, event.Fields[group.Affecting.Field].Name)
}

// effectsOf gives the effects of a group as they were written, sorted.
func (d described) effectsOf(index int, group effect.Group) string {
	nodes, _ := d.index(index)["effects"].([]any)
	event, _ := d.schema(group.Event)
	name := func(reference effect.Reference) string { return event.Name + "." + event.Fields[reference.Field].Name }
	var written []string
	for _, node := range nodes {
		members, _ := node.(map[string]any)
		if members["space"] != d.spaceOf(index, group.Space).Name() || members["affected"] != name(group.Affected) || members["affecting"] != name(group.Affecting) {
			continue
		}
		written = append(written, fmt.Sprint(members["multiplier"], " ", inJSON(members["filter"])))
	}
	slices.Sort(written)
	return strings.Join(slices.Compact(written), "; ")
}

// inJSON writes a value of a definition; maps are written in the order of their keys.
func inJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// describeField says what a field of a schema holds.
func describeField(field schema.Field) string {
	if field.References != "" {
		return fmt.Sprintf("%s of %s", field.Type, field.References)
	}
	return string(field.Type)
}
