package onnx

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/embed/layout"
	"github.com/innerspace/innerspace/core/errs"
)

// findWeights lists the files that a layout's graphs keep their numbers in, as the graphs name them; the
// fingerprint needs them. It refuses what ONNX Runtime must not be asked to open, and operators that only code from
// elsewhere could run.
func findWeights(l *layout.Layout) error {
	for _, tower := range []*layout.Tower{&l.Text, &l.Image} {
		if tower.Written != nil || tower.Missing() {
			continue
		}
		found, err := source{path: tower.Graph.Path}.content("")
		if err != nil {
			return err
		}
		if len(found.operators) > 0 {
			return errs.New(errs.Unsupported, "the graph %s needs the operators %s, which are not ONNX Runtime's own; libraries of operators are never loaded",
				tower.Graph.Path, strings.Join(found.operators, ", "))
		}
		if tower.Weights, err = externalFiles(tower.Graph, found.external); err != nil {
			return err
		}
	}
	return nil
}

// externalFiles finds the files of a graph's external data, each once.
func externalFiles(graph layout.File, external []externalData) ([]layout.File, error) {
	var files []layout.File
	for _, data := range external {
		at := slices.IndexFunc(files, func(f layout.File) bool { return f.Name == data.location })
		if at < 0 {
			file, err := externalFile(graph, data.location)
			if err != nil {
				return nil, err
			}
			at = len(files)
			files = append(files, file)
		}
		if size := files[at].Size; data.offset > size || data.length > size-data.offset {
			return nil, errs.New(errs.InvalidInput, "%s, the external data of the graph %s, has %d bytes and should go on to byte %d: was its download cut off?",
				data.location, graph.Path, size, data.offset+data.length)
		}
	}
	return files, nil
}

// externalFile finds one file beside the graph. A link is followed within the graph's directory, and where the graph is a
// link itself, as in a snapshot of the Hugging Face cache, within the directory that it leads to.
func externalFile(graph layout.File, location string) (layout.File, error) {
	dir := filepath.Dir(graph.Path)
	outside := errs.New(errs.Forbidden, "the graph %s keeps its weights in %.200q, which is not inside its directory", graph.Path, location)
	if strings.ContainsRune(location, '\\') || !filepath.IsLocal(filepath.FromSlash(location)) {
		return layout.File{}, outside
	}
	path := filepath.Join(dir, filepath.FromSlash(location))
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return layout.File{}, errs.New(errs.NotFound, "the graph %s keeps its weights in %s, which is missing: was its download cut off?", graph.Path, location)
	}
	if err != nil {
		return layout.File{}, errs.Wrap(err, errs.InvalidInput, "cannot open %s, the external data of the graph %s: %v", location, graph.Path, err)
	}
	if !inside(dir, target) {
		real, err := filepath.EvalSymlinks(graph.Path)
		if err != nil || !inside(filepath.Dir(real), target) {
			return layout.File{}, outside
		}
	}
	info, err := os.Stat(target)
	if err != nil {
		return layout.File{}, errs.Wrap(err, errs.InvalidInput, "cannot open %s, the external data of the graph %s: %v", location, graph.Path, err)
	}
	if !info.Mode().IsRegular() {
		return layout.File{}, errs.New(errs.InvalidInput, "%s, the external data of the graph %s, is not a regular file", location, graph.Path)
	}
	return layout.File{Name: location, Path: path, Size: info.Size()}, nil
}

// inside says whether path, free of links, lies in dir.
func inside(dir, path string) bool {
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	relative, err := filepath.Rel(resolved, path)
	return err == nil && filepath.IsLocal(relative)
}
