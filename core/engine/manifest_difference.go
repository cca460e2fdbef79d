package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/space"
)

// checkSame refuses to open a store with a definition that its rows and vectors do not go with. Allowed are new schemas, fields,
// spaces and indices, indices left out whose vectors can be made again, and whatever says nothing of what is stored: names of spaces and
// indices, optional, fields to filter by, and fields that cannot be selected.
func checkSame(path string, stored, given described) error {
	var found []string
	found = append(found, schemaDifferences(stored, given)...)
	if len(found) == 0 { // else what follows would say the same again
		found = append(found, spaceDifferences(stored, given)...)
	}
	if len(found) == 0 {
		found = append(found, effectDifferences(stored, given)...)
	}
	if len(found) == 0 {
		return nil
	}
	return errs.New(errs.InvalidInput, "the store %s was made with another definition: %s. Open it with the definition that it was made with, add a changed space beside the old one, or put the rows into a new store",
		path, strings.Join(found, "; "))
}

func schemaDifferences(stored, given described) (found []string) {
	for _, was := range stored.schemas {
		is, ok := given.schema(was.Name)
		if !ok {
			found = append(found, fmt.Sprintf("the store has a schema %s, which the definition lacks", was.Name))
			continue
		}
		if is.Event != was.Event {
			kinds := map[bool]string{true: "an event schema", false: "a schema of entities"}
			found = append(found, fmt.Sprintf("%s is %s in the store and %s in the definition", was.Name, kinds[was.Event], kinds[is.Event]))
		}
		for _, field := range was.Fields {
			position := is.Position(field.Name)
			switch {
			case position < 0 && was.Event: // events are not kept
			case position < 0:
				found = append(found, fmt.Sprintf("the store has a field %s.%s (%s), which the definition lacks", was.Name, field.Name, describeField(field)))
			case describeField(is.Fields[position]) != describeField(field):
				found = append(found, fmt.Sprintf("the field %s.%s is of type %s in the store and %s in the definition",
					was.Name, field.Name, describeField(field), describeField(is.Fields[position])))
			}
		}
	}
	return found
}

func spaceDifferences(stored, given described) (found []string) {
	pictures := false
	for i, was := range stored.spaces {
		pictures = pictures || stored.space(i)["type"] == "image_space"
		for _, of := range stored.schemas {
			if len(was.Uses(of.Name)) == 0 || position(given.spaces, was.IdentityFor(of.Name), of.Name) >= 0 {
				continue
			}
			if changed := successor(stored, given, i, of.Name); changed >= 0 {
				found = append(found, describeChange(stored, given, i, changed, of.Name))
				break
			}
		}
	}
	if pictures && stored.Pixels != given.Pixels {
		found = append(found, fmt.Sprintf("pictures were embedded with pixels=%q, and the definition has pixels=%q", stored.Pixels, given.Pixels))
	}
	return found
}

// position of a space by what it makes of a schema, or -1.
func position(spaces []space.Definition, identity, of string) int {
	return slices.IndexFunc(spaces, func(s space.Definition) bool { return len(s.Uses(of)) > 0 && s.IdentityFor(of) == identity })
}

// successor finds the space of the definition that a stored one was changed into: one of the same kind, that reads a field that this
// one read too, and that the store has not. Without one the space was left out.
func successor(stored, given described, was int, of string) int {
	return slices.IndexFunc(given.spaces, func(is space.Definition) bool {
		i := slices.Index(given.spaces, is)
		if given.space(i)["type"] != stored.space(was)["type"] || position(stored.spaces, is.IdentityFor(of), of) >= 0 {
			return false
		}
		return slices.ContainsFunc(is.Uses(of), func(use space.Use) bool {
			return slices.ContainsFunc(stored.spaces[was].Uses(of), func(other space.Use) bool { return use.Field == other.Field })
		})
	})
}

// describeChange says what of a space is not as it was.
func describeChange(stored, given described, was, is int, of string) string {
	var fields []string
	for _, use := range stored.spaces[was].Uses(of) {
		fields = append(fields, of+"."+use.Field)
	}
	before, after := stored.space(was), given.space(is)
	var changes []string
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		one, other := shown(before[key]), shown(after[key])
		switch key {
		case "name", "type":
			continue
		case "model":
			if one, other = shownModel(before[key]), shownModel(after[key]); fingerprint(before[key]) == fingerprint(after[key]) {
				continue
			}
		case "fields":
			one, other = shown(entryOf(before[key], of)), shown(entryOf(after[key], of))
		}
		if one != other {
			changes = append(changes, fmt.Sprintf("%s is %s in the store and %s in the definition", key, one, other))
		}
	}
	return fmt.Sprintf("the space %s over %s: %s", stored.spaces[was].Name(), strings.Join(fields, " and "), strings.Join(changes, ", "))
}

// entryOf gives what a space reads of a schema.
func entryOf(fields any, of string) any {
	entries, _ := fields.([]any)
	for _, entry := range entries {
		if members, _ := entry.(map[string]any); members["schema"] == of {
			return entry
		}
	}
	return nil
}

func fingerprint(model any) any {
	members, _ := model.(map[string]any)
	return members["fingerprint"]
}

func shownModel(model any) string {
	members, ok := model.(map[string]any)
	if !ok {
		return "none"
	}
	const most = 12
	print := fmt.Sprint(members["fingerprint"])
	if len(print) > most {
		print = print[:most] + "…"
	}
	return fmt.Sprintf("%q (%v numbers, fingerprint %s)", members["name"], members["dimension"], print)
}

// shown writes a setting for a message.
func shown(value any) string {
	const most = 200
	if value == nil {
		return "not given"
	}
	text := []rune(inJSON(value))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// effectDifferences finds indices of the store whose events would be lost: the vectors of their rows hold what events that are not
// kept did, and that cannot be made again.
func effectDifferences(stored, given described) (found []string) {
	for i, was := range stored.indices {
		for _, of := range stored.schemas {
			effects := stored.effectsOn(of.Name, i)
			if effects == "" || heir(stored, given, i, of.Name) >= 0 {
				continue
			}
			found = append(found, fmt.Sprintf("events changed the vectors of %s in the index %s: %s", of.Name, was.name, describeEffects(stored, given, i)))
			break
		}
	}
	return found
}

// heir finds the index of the definition that takes over what events did to the rows of a schema in a stored one: it has the same
// effects on them, and at least the spaces; -1 where there is none.
func heir(stored, given described, was int, of string) int {
	for i := range given.indices {
		parts := given.parts(of, i)
		missing := slices.ContainsFunc(stored.parts(of, was), func(part string) bool { return !slices.Contains(parts, part) })
		if given.searches(of, i) && !missing && given.effectsOn(of, i) == stored.effectsOn(of, was) {
			return i
		}
	}
	return -1
}

// describeEffects says what became of the effects of an index: the index that has its name, if any, shows it best.
func describeEffects(stored, given described, was int) string {
	i := given.indexPosition(stored.indices[was].name)
	if i < 0 {
		return "the definition has no index with these effects"
	}
	before, after := stored.index(was), given.index(i)
	var changes []string
	for _, key := range effectKeys {
		if one, other := shown(before[key]), shown(after[key]); one != other {
			changes = append(changes, fmt.Sprintf("%s is %s in the store and %s in the definition", key, one, other))
		}
	}
	if len(changes) == 0 {
		return "the index of the definition lacks one of its spaces"
	}
	return strings.Join(changes, ", ")
}
