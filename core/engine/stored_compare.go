package engine

import (
	"slices"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store"
)

// compare reads the manifest and compares the definitions.
func (o *opening) compare(text []byte, d *definition) error {
	m, err := newManifest(text, d, o.engine.models)
	if err != nil {
		return err
	}
	if o.given, err = m.describe(); err != nil {
		return err
	}
	o.stored = described{&manifest{}, &definition{}}
	var found bool
	if o.text, found, err = o.disk.Metadata(manifestName); err != nil {
		return err
	}
	if !found {
		if o.readOnly {
			return errs.New(errs.NotFound, "the store %s was made just now, and has no definition yet; open it again", o.disk.Path())
		}
		return nil
	}
	if m, err = readManifest(o.text); err != nil {
		return err
	}
	if o.stored, err = m.describe(); err != nil {
		return err
	}
	if err := o.checkLayout(); err != nil {
		return err
	}
	return checkSame(o.disk.Path(), o.stored, o.given)
}

// checkLayout refuses a manifest that does not fit its store: what is on the disk may be anything.
func (o *opening) checkLayout() error {
	tables, err := o.disk.Tables()
	if err != nil {
		return err
	}
	for _, layout := range o.stored.Tables {
		at := slices.IndexFunc(tables, func(t store.Table) bool { return t.Schema == layout.Schema })
		fits := at >= 0 && tables[at].Fields >= len(layout.Fields)
		for _, vectors := range layout.Vectors {
			i := o.stored.indexPosition(vectors.Index)
			if fits = fits && i >= 0 && len(vectors.Parts) == len(o.stored.indices[i].spaces) && !slices.ContainsFunc(vectors.Parts, func(part int) bool { return part < 0 }); !fits {
				break
			}
			dimension, ok := tables[at].Index[vectors.Name]
			fits = ok && dimension == vectors.dimension() && o.partsFit(layout.Schema, i, vectors)
		}
		if !fits {
			return errs.New(errs.InvalidInput, "the definition in the store %s does not fit what is in it (%s): it is damaged. Take a copy that is not", o.disk.Path(), layout.Schema)
		}
	}
	return nil
}

// partsFit compares the parts of vectors with the spaces that they share with the definition.
func (o *opening) partsFit(of string, index int, vectors vectorsLayout) bool {
	for position, part := range o.stored.parts(of, index) {
		for i, s := range o.given.spaces {
			if s.IdentityFor(of) == part && o.engine.spaces[i].Dimension() != vectors.Parts[position] {
				return false
			}
		}
	}
	return true
}
