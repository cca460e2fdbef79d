package layout

import (
	"path/filepath"
	"strings"

	"github.com/innerspace/innerspace/core/embed/safetensors"
	"github.com/innerspace/innerspace/core/errs"
)

// maxWeightsBytes is far above any model that runs on one machine. Weights are mapped, not read.
const maxWeightsBytes = 1 << 42

// weightsFile are the names under which a library keeps a model's weights.
type weightsFile struct {
	name    string // one file of everything, in safetensors' format
	pickle  string // the same as a pickle, which is never opened: unpickling runs code
	convert string // a command that makes name from pickle; DIR stands for the directory
}

// index lists the files of weights that are spread over several.
func (w weightsFile) index() string { return w.name + ".index.json" }

// readable says whether there are weights that are no pickle.
func (w weightsFile) readable(d *directory) bool { return d.has(w.name) || d.has(w.index()) }

// in says whether a directory holds weights under these names, in whatever format.
func (w weightsFile) in(d *directory) bool {
	return w.readable(d) || d.has(w.pickle) || d.has(w.pickle+".index.json")
}

// weights finds the files, which have all to be there.
func (d *directory) weights(w weightsFile) ([]File, error) {
	switch {
	case d.has(w.name):
		file, err := d.file(w.name, maxWeightsBytes)
		return []File{file}, err
	case d.has(w.index()):
		return d.shards(w.index())
	case d.has(w.pickle) || d.has(w.pickle+".index.json"):
		return nil, errs.New(errs.Unsupported, "%s has its weights as %s only, a pickle: opening one can run any code, so it is not read. Convert it once, with the library it comes from: %s",
			d.path, w.pickle, strings.ReplaceAll(w.convert, "DIR", d.path))
	}
	_, err := d.file(w.name, maxWeightsBytes)
	return nil, err
}

// shards finds the files that an index names. Like every file that is found by a name of
// this package's choice they may be links out of the directory: the names cannot lead anywhere.
func (d *directory) shards(index string) ([]File, error) {
	const maxIndexBytes = 16 << 20
	file, err := d.file(index, maxIndexBytes)
	if err != nil {
		return nil, err
	}
	data, err := readCapped(file.Path, index, d.path, maxIndexBytes)
	if err != nil {
		return nil, err
	}
	names, err := safetensors.ShardNames(data)
	if err != nil {
		return nil, errs.From(err).At(index + " of " + d.path)
	}
	files := make([]File, len(names))
	for i, name := range names {
		if files[i], err = d.file(name, maxWeightsBytes); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// folder is a directory inside this one that a file of it names (key says where).
func (d *directory) folder(name, key string) (*directory, error) {
	outside := errs.New(errs.Forbidden, "%s of the model directory %s is %q, which is not inside the directory", key, d.path, name)
	if strings.ContainsRune(name, '\\') || name != "" && !filepath.IsLocal(filepath.FromSlash(name)) {
		return nil, outside
	}
	inner, err := filepath.EvalSymlinks(d.join(name))
	if err != nil {
		return nil, openFailure(err, "folder that is "+key+" of the model directory "+d.path+",", name)
	}
	if relative, err := filepath.Rel(d.path, inner); err != nil || !filepath.IsLocal(relative) {
		return nil, outside
	}
	return &directory{path: inner}, nil
}
