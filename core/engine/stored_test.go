package engine_test

import (
	"context"
	"image/color"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store/disk"
)

const allPhotos = `{"version": 1, "type": "query", "index": "index_0", "schema": "Photo", "select": {"type": "all"}}`

// TestAnotherModelIsRefused: the model is told by its fingerprint, not by its name or place.
func TestAnotherModelIsRefused(t *testing.T) {
	l := newLibrary(t)
	putGallery(t, l.open(t, galleryOf("look likes")))
	_, err := l.tryOpen(t, galleryOf("look likes"))
	require.Equal(t, errs.InvalidState, errs.StatusOf(err), "the first engine has it open")
	assert.ErrorContains(t, err, "is open for writing")
	l.options["read_only"] = true
	l.prints["fake"] = "something else"
	_, err = l.tryOpen(t, galleryOf("look likes"))
	require.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.ErrorContains(t, err, `the space look over Photo.image and Photo.title: model is "fake" (32 numbers, fingerprint fingerprint …) in the store`)
	assert.ErrorContains(t, err, `fingerprint something el…) in the definition`)
}

// TestAReaderBesideTheWriter sees each commit, and writes nothing.
func TestAReaderBesideTheWriter(t *testing.T) {
	l := newLibrary(t)
	l.options["read_only"] = true
	_, err := l.tryOpen(t, galleryOf("look"))
	assert.Equal(t, errs.NotFound, errs.StatusOf(err), "%v", err)
	delete(l.options, "read_only")
	writer := l.open(t, galleryOf("look", "likes"))
	l.options["read_only"] = true
	reader, narrow := l.open(t, galleryOf("look", "likes")), l.open(t, galleryOf("likes"))
	assert.True(t, reader.Describe().Store.ReadOnly)
	assert.Empty(t, run(t, reader, allPhotos, engine.Params{}).Rows)
	putGallery(t, writer)
	assert.Len(t, run(t, reader, allPhotos, engine.Params{}).Rows, 4)
	assert.Equal(t, []string{"b", "a", "c", "d"}, ids(run(t, narrow, allPhotos, engine.Params{})), "an index less does no harm to who reads")
	sameVectors(t, writer, reader)
	_, _, err = writer.Delete(context.Background(), "Photo", []string{"a", "c"})
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"b", "d"}, ids(run(t, reader, allPhotos, engine.Params{})))

	_, _, err = reader.Delete(context.Background(), "Photo", []string{"b"})
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
	_, err = reader.Put(context.Background(), stream(), engine.PutOptions{Schema: "Photo"}, nil)
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
	assert.ErrorContains(t, err, "was opened for reading only")
	sameVectors(t, writer, reader)
}

// TestMerging: what a merge adds comes from the disk.
func TestMerging(t *testing.T) {
	for _, images := range []string{"keep", "reference"} {
		t.Run(images, func(t *testing.T) {
			l, want := newLibrary(t), inMemory(t, galleryOf("look"))
			l.options["images"] = images
			file := savePicture(t, "a.png", red, blue)
			for _, rows := range [][]row{{{"id": "a", "image": file}}, {{"id": "a", "title": "words"}}} {
				e := l.open(t, galleryOf("look"))
				for _, each := range []*engine.Engine{e, want} {
					report := put(t, each, engine.PutOptions{Schema: "Photo", Partial: engine.Merge}, rows...)
					assert.Empty(t, report.Warnings)
				}
				sameVectors(t, want, e)
				require.NoError(t, e.Close())
			}
			if images == "reference" {
				require.NoError(t, os.Remove(string(file.Data)))
				e := l.open(t, galleryOf("look"))
				report, err := e.Put(context.Background(), stream(batch(row{"id": "a", "title": "more"})), engine.PutOptions{Schema: "Photo", Partial: engine.Merge, OnError: engine.Skip}, nil)
				require.NoError(t, err)
				require.Len(t, report.Errors, 1)
				assert.Equal(t, "image", report.Errors[0].Field)
				assert.Contains(t, report.Errors[0].Reason, "There is no such file")
			}
		})
	}
}

func savePicture(t *testing.T, name string, quarters ...color.RGBA) blob.Value {
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, picture(quarters...), 0o600))
	return blob.Value{Kind: blob.Path, Data: []byte(path)}
}

// TestReferencedImages: pictures stay where they are, and results have them while they are there and what they were.
func TestReferencedImages(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone.png" && r.URL.RawQuery == "" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(picture(yellow, green))
	}))
	defer server.Close()
	l := newLibrary(t)
	l.options["images"] = "reference"
	definition := strings.Replace(galleryOf("look"), `"options": {`, `"options": {"allow_private_addresses": true, `, 1)
	e := l.open(t, definition)
	kept, moved, changed := savePicture(t, "kept.png", red), savePicture(t, "moved.png", red), savePicture(t, "changed.png", red)
	url := blob.Value{Kind: blob.Text, Data: []byte(server.URL + "/there.png?size=1")}
	put(t, e, engine.PutOptions{Schema: "Photo"}, row{"id": "kept", "image": kept}, row{"id": "moved", "image": moved}, row{"id": "changed", "image": changed},
		row{"id": "url", "image": url}, row{"id": "none", "title": "no picture"})
	want := inMemory(t, definition)
	put(t, want, engine.PutOptions{Schema: "Photo"}, row{"id": "kept", "image": kept}, row{"id": "moved", "image": moved}, row{"id": "changed", "image": changed},
		row{"id": "url", "image": url}, row{"id": "none", "title": "no picture"})
	sameVectors(t, want, e)

	report, err := e.Put(context.Background(), stream(batch(row{"id": "bytes", "image": picture(blue)}, row{"id": "kept", "image": kept})), engine.PutOptions{Schema: "Photo", OnError: engine.Skip}, nil)
	require.NoError(t, err)
	require.Len(t, report.Errors, 1)
	assert.Equal(t, `the store keeps where pictures lie and not their bytes (images="reference"), and this one (bytes) is no file and has no URL; save it and give its path, or open the store with images="keep"`,
		report.Errors[0].Reason)
	require.NoError(t, e.Close())

	require.NoError(t, os.Rename(string(moved.Data), string(moved.Data)+".moved"))
	require.NoError(t, os.WriteFile(string(changed.Data), picture(green), 0o600))
	e = l.open(t, definition)
	result := run(t, e, allPhotos, engine.Params{})
	byID := map[string][]byte{}
	for _, found := range result.Rows {
		byID[found.ID] = found.Values[0].Blob
	}
	assert.Equal(t, map[string][]byte{"kept": picture(red), "url": picture(yellow, green), "moved": nil, "changed": nil, "none": nil}, byID)
	reasons := map[string]string{}
	for _, image := range result.Info.Unreachable {
		assert.Equal(t, "image", image.Field)
		assert.Equal(t, result.Rows[image.Rank].ID, image.ID)
		reasons[image.ID] = image.Reason
	}
	require.Len(t, reasons, 2)
	assert.Contains(t, reasons["moved"], "There is no such file")
	assert.Contains(t, reasons["changed"], "is not the picture that was put")
	assert.Empty(t, run(t, e, `{"version": 1, "type": "query", "index": "index_0", "schema": "Photo"}`, engine.Params{}).Info.Unreachable, "nobody asked for them")

	size := int64(0)
	require.NoError(t, filepath.Walk(l.path, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() && !strings.HasSuffix(path, ".seg") {
			data, _ := os.ReadFile(path)
			assert.NotContains(t, string(data), string(picture(red)), "%s has the bytes of a picture", path)
			size += info.Size()
		}
		return err
	}))
	require.NotZero(t, size)

	// A space that is added embeds the pictures where they are, and names those that are not there.
	require.NoError(t, e.Close())
	wider := strings.Replace(galleryOf("look", "other"), `"options": {`, `"options": {"allow_private_addresses": true, `, 1)
	_, err = l.tryOpen(t, wider)
	require.ErrorContains(t, err, "2 values of Photo cannot be embedded for what the definition adds")
	require.ErrorContains(t, err, `"moved", field image: Failed to open image`)
	e = l.open(t, definition)
	_, _, err = e.Delete(context.Background(), "Photo", []string{"moved", "changed"})
	require.NoError(t, err)
	require.NoError(t, e.Close())
	e = l.open(t, wider)
	assert.Equal(t, map[string]int{"other": 2}, l.embedded())
	assert.Equal(t, 3, e.Describe().Schemas[0].Rows)
}

// TestImagesMayBeReferencedFromNowOn: what was kept stays kept.
func TestImagesMayBeReferencedFromNowOn(t *testing.T) {
	l := newLibrary(t)
	e := l.open(t, galleryOf("look"))
	put(t, e, engine.PutOptions{Schema: "Photo"}, row{"id": "kept", "image": picture(red)})
	require.NoError(t, e.Close())
	l.options["images"] = "reference"
	e = l.open(t, galleryOf("look"))
	put(t, e, engine.PutOptions{Schema: "Photo"}, row{"id": "referenced", "image": savePicture(t, "x.png", blue)})
	for _, found := range run(t, e, allPhotos, engine.Params{}).Rows {
		assert.NotEmpty(t, found.Values[0].Blob, found.ID)
	}
}

// TestFieldsThatCameLater: rows put before have no value, and filters know that.
func TestFieldsThatCameLater(t *testing.T) {
	const narrow = `{"version": 1, "schemas": [{"type": "schema", "name": "Item", "fields": [{"name": "id", "type": "id"}, {"name": "price", "type": "float"}]}],
	 "spaces": [{"type": "number_space", "name": "prices", "fields": [{"schema": "Item", "number": "price"}], "min_value": 0, "max_value": 10, "mode": "maximum"}],
	 "indices": [{"type": "index", "name": "index", "spaces": ["prices"]}]}`
	wide := strings.NewReplacer(`{"name": "id", "type": "id"}, `, `{"name": "colour", "type": "string", "optional": true}, {"name": "id", "type": "id"}, `,
		`"spaces": ["prices"]`, `"spaces": ["prices"], "fields": ["Item.colour", "Item.price"]`).Replace(narrow)
	const query = `{"version": 1, "type": "query", "index": "index", "schema": "Item", "select": {"type": "all"}, "filters": [{"any": [
	  {"field": "colour", "operator": "ne", "value": {"value": "red"}}]}, {"any": [{"field": "price", "operator": "gt", "value": {"value": 1}}]}]}`
	l := newLibrary(t)
	e := l.open(t, narrow)
	mustPut(t, e, "Item", row{"id": "a", "price": 2.0}, row{"id": "b", "price": 1.0})
	require.NoError(t, e.Close())
	e = l.open(t, wide)
	assert.Equal(t, []string{"the field Item.colour was added: rows put before have no value"}, e.Describe().Store.Added)
	mustPut(t, e, "Item", row{"id": "c", "price": 3.0, "colour": "red"}, row{"id": "d", "price": 4.0, "colour": "blue"})
	for range 2 {
		result := run(t, e, query, engine.Params{})
		assert.Equal(t, []string{"d", "a"}, ids(result))
		assert.Equal(t, map[string]string{"d": "colour=blue price= ", "a": "price= "}, fields(result))
		require.NoError(t, e.Close())
		e = l.open(t, wide)
	}
	require.NoError(t, e.Close())
	_, err := l.tryOpen(t, narrow)
	assert.ErrorContains(t, err, "the store has a field Item.colour (string), which the definition lacks")
}

// TestAStoreOfSomethingElse: neither a file nor a directory with other things is taken for a store.
func TestAStoreOfSomethingElse(t *testing.T) {
	l := newLibrary(t)
	require.NoError(t, os.WriteFile(l.path, []byte("mine"), 0o600))
	_, err := l.tryOpen(t, galleryOf("look"))
	require.Error(t, err)
	l.path = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(l.path, "thesis.txt"), []byte("mine"), 0o600))
	_, err = l.tryOpen(t, galleryOf("look"))
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.ErrorContains(t, err, "thesis.txt")
	for _, fake := range l.fakes {
		assert.True(t, fake.Closed() || fake.TextItems() == 0)
	}
}

// TestAManifestThatDoesNotFit its store is damage, and no reason to panic.
func TestAManifestThatDoesNotFit(t *testing.T) {
	for name, change := range map[string][]string{
		"other parts":        {`"parts":[32,3]`, `"parts":[3,32]`},
		"parts too many":     {`"parts":[32,3]`, `"parts":[32,3,0]`},
		"parts of less":      {`"parts":[32,3]`, `"parts":[64,-29]`},
		"a longer vector":    {`"parts":[32,3]`, `"parts":[32,4]`},
		"other vectors":      {`"name":"vectors-1"`, `"name":"vectors-7"`},
		"vectors of nothing": {`"index":"index_0","parts"`, `"index":"index_9","parts"`},
		"a schema of nobody": {`"schema":"Photo","fields":["id"`, `"schema":"Nobody","fields":["id"`},
		"more fields":        {`"fields":["id","image"`, `"fields":["id","more","and more","and more still","image"`},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLibrary(t)
			e := l.open(t, galleryOf("look likes"))
			putGallery(t, e)
			require.NoError(t, e.Close())
			opened, err := disk.Open(l.path, disk.Options{})
			require.NoError(t, err)
			text, _, err := opened.Metadata("definition")
			require.NoError(t, err)
			require.Contains(t, string(text), change[0])
			tables, err := opened.Tables()
			require.NoError(t, err)
			require.NoError(t, opened.Define(tables, map[string][]byte{"definition": []byte(strings.Replace(string(text), change[0], change[1], 1))}))
			require.NoError(t, opened.Close())
			for _, definition := range []string{galleryOf("look likes"), galleryOf("likes look", "ages")} {
				_, err := l.tryOpen(t, definition)
				assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
				assert.ErrorContains(t, err, "does not fit what is in it (")
			}
		})
	}
}
