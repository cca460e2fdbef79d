package space

import (
	"fmt"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/embed"
)

// ModelReference names a model of a definition.
type ModelReference struct {
	Name      string // what the user called it, "embedded"
	Path      string // the directory that holds it
	TextPath  string // the directory that holds its text half, where that is another one; else ""
	Precision embed.Precision
}

// readModel reads the model of a space.
func readModel(node document.Node) ModelReference {
	object := node.Object("name", "path", "text_path", "precision")
	reference := ModelReference{Name: object.Need("name").Text(), Path: object.Need("path").Text(), Precision: embed.FP32}
	if textPath, ok := object.Get("text_path"); ok && !textPath.IsNull() {
		reference.TextPath = textPath.Text()
	}
	if precision, ok := object.Get("precision"); ok && !precision.IsNull() {
		known, err := embed.ParsePrecision(precision.Text())
		precision.FailWith(err)
		reference.Precision = known
	}
	return reference
}

// identity is equal for references that give the same vectors.
func (r ModelReference) identity() string {
	return fmt.Sprintf("%q %q %q %s", r.Name, r.Path, r.TextPath, r.Precision)
}
