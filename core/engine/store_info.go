package engine

import (
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
)

// StoreInfo says what is in a store, from what it remembers: no model is loaded.
type StoreInfo struct {
	Path string `json:"path"`
	// Library is the version that wrote the definition; "" where there is none yet.
	Library string         `json:"innerspace"`
	Pixels  string         `json:"pixels"`
	Schemas []StoredSchema `json:"schemas"`
	Indices []StoredIndex  `json:"indices"`
	Models  []ModelInfo    `json:"models"`
	// Extending: vectors for a definition that adds to this one are being made, or were begun.
	Extending bool       `json:"extending"`
	Bytes     StoreBytes `json:"bytes"`
}

// StoredSchema is a schema of a store; an event schema has no rows.
type StoredSchema struct {
	schema.Schema
	Rows   int `json:"rows"` // without chunks
	Chunks int `json:"chunks"`
}

// StoredIndex is an index of a store.
type StoredIndex struct {
	Name   string   `json:"name"`
	Spaces []string `json:"spaces"`
}

// StoreBytes is the room that a store takes on the disk.
type StoreBytes struct {
	Catalogue int64 `json:"catalogue"` // ids, fields, pictures
	Vectors   int64 `json:"vectors"`   // and the graphs of approximate indices
}

// InspectStore reads what is in the store at a path, beside whoever writes to it. Where there is none, that is NotFound.
func InspectStore(path string) (*StoreInfo, error) {
	opened, err := disk.Open(path, disk.Options{ReadOnly: true, History: historyBytes{}})
	if err != nil {
		return nil, errs.From(err)
	}
	info, err := inspect(opened)
	if closed := opened.Close(); err == nil && closed != nil {
		err = closed
	}
	if err != nil {
		return nil, errs.From(err)
	}
	return info, nil
}

func inspect(opened *disk.Store) (*StoreInfo, error) {
	info := &StoreInfo{Path: opened.Path(), Schemas: []StoredSchema{}, Indices: []StoredIndex{}, Models: []ModelInfo{}}
	text, found, err := opened.Metadata(manifestName)
	if err != nil {
		return nil, err
	}
	if info.Bytes, err = bytesOf(opened.Path()); err != nil || !found {
		return info, err
	}
	m, err := readManifest(text)
	if err != nil {
		return nil, err
	}
	stored, err := m.describe()
	if err != nil {
		return nil, err
	}
	info.Library, info.Pixels, info.Extending = m.Library, m.Pixels, m.Pending != nil
	for _, s := range stored.schemas {
		described := StoredSchema{Schema: *s}
		err := opened.Read(s.Name, func(snapshot store.Snapshot) error {
			described.Rows, described.Chunks = snapshot.Rows()-snapshot.Chunks(), snapshot.Chunks()
			return nil
		})
		if err != nil {
			return nil, err
		}
		info.Schemas = append(info.Schemas, described)
	}
	for i, index := range stored.indices {
		described := StoredIndex{Name: index.name, Spaces: []string{}}
		for position := range index.spaces {
			described.Spaces = append(described.Spaces, stored.spaceOf(i, position).Name())
		}
		info.Indices = append(info.Indices, described)
	}
	for i := range stored.spaces {
		if model, ok := m.model(i); ok && !slices.Contains(info.Models, model) {
			info.Models = append(info.Models, model)
		}
	}
	return info, nil
}

// model is the model of a space.
func (m *manifest) model(space int) (ModelInfo, bool) {
	members, ok := m.space(space)["model"].(map[string]any)
	if !ok {
		return ModelInfo{}, false
	}
	info := ModelInfo{}
	info.Name, _ = members["name"].(string)
	info.Fingerprint, _ = members["fingerprint"].(string)
	if dimension, ok := members["dimension"].(interface{ Int64() (int64, error) }); ok {
		n, _ := dimension.Int64()
		info.Dimension = int(n)
	}
	return info, true
}

// bytesOf adds up what the files of a store take: segments have holes, which take nothing.
func bytesOf(path string) (sum StoreBytes, err error) {
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return nil // removed meanwhile
		}
		taken := info.Size()
		if status, ok := info.Sys().(*syscall.Stat_t); ok {
			taken = int64(status.Blocks) * 512
		}
		if suffix := filepath.Ext(file); suffix == ".seg" || suffix == ".graph" {
			sum.Vectors += taken
		} else {
			sum.Catalogue += taken
		}
		return nil
	})
	return sum, err
}
