package layout

import (
	"reflect"
	"strings"
)

// jsonNames lists the members that encoding/json reads into a pointer to a struct, embedded structs included.
func jsonNames(pointer any) []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeOf(pointer).Elem()) {
		if tag, tagged := field.Tag.Lookup("json"); tagged {
			name, _, _ := strings.Cut(tag, ",")
			names = append(names, name)
		}
	}
	return names
}
