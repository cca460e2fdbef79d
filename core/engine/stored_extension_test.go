package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// gallery has pictures with words, numbers, times, categories and texts that are cut, and one index over a part of the spaces.
const gallery = `{"version": 1,
 "schemas": [{"type": "schema", "name": "Photo", "fields": [{"name": "id", "type": "id"}, {"name": "image", "type": "blob"}, {"name": "title", "type": "string"},
   {"name": "body", "type": "string", "optional": true}, {"name": "likes", "type": "float", "optional": true}, {"name": "made", "type": "timestamp", "optional": true},
   {"name": "colour", "type": "string_list", "optional": true}]}],
 "spaces": [SPACES],
 "indices": [INDICES],
 "options": {"embedding_cache_bytes": 0, "now": 1000000}}`

var gallerySpaces = map[string]string{
	"look":    `{"type": "image_space", "name": "look", "fields": [{"schema": "Photo", "image": "image", "description": "title"}], "model": {"name": "fake", "path": "/f"}}`,
	"other":   `{"type": "image_space", "name": "other", "fields": [{"schema": "Photo", "image": "image"}], "model": {"name": "other", "path": "/o"}}`,
	"words":   `{"type": "text_similarity_space", "name": "words", "fields": [{"schema": "Photo", "text": "title"}], "model": {"name": "other", "path": "/o"}}`,
	"pieces":  `{"type": "text_similarity_space", "name": "pieces", "fields": [{"schema": "Photo", "text": "body", "chunk": {"size": 20, "overlap": 0}}], "model": {"name": "other", "path": "/o"}}`,
	"likes":   `{"type": "number_space", "name": "likes", "fields": [{"schema": "Photo", "number": "likes"}], "min_value": 0, "max_value": 10, "mode": "maximum", "negative_filter": -1}`,
	"ages":    `{"type": "recency_space", "name": "ages", "fields": [{"schema": "Photo", "timestamp": "made"}], "negative_filter": -0.5}`,
	"colours": `{"type": "categorical_similarity_space", "name": "colours", "fields": [{"schema": "Photo", "category": "colour"}], "categories": ["red", "blue"], "negative_filter": -2}`,
}

// galleryOf defines indices, each a list of spaces.
func galleryOf(indices ...string) string {
	var spaces, written []string
	seen := map[string]bool{}
	for i, index := range indices {
		var names []string
		for _, name := range strings.Fields(index) {
			names = append(names, `"`+name+`"`)
			if !seen[name] {
				seen[name] = true
				spaces = append(spaces, gallerySpaces[name])
			}
		}
		written = append(written, `{"type": "index", "name": "index_`+string(rune('0'+i))+`", "spaces": [`+strings.Join(names, ", ")+`]}`)
	}
	return strings.NewReplacer("SPACES", strings.Join(spaces, ", "), "INDICES", strings.Join(written, ", ")).Replace(gallery)
}

func putGallery(t testing.TB, e *engine.Engine) {
	rows := []row{
		{"id": "a", "image": picture(red), "title": "a red one", "body": "Dogs are barking. Cats sleep all day. Birds", "likes": 3.0, "made": int64(900000), "colour": []any{"red"}},
		{"id": "b", "image": picture(red, blue), "title": "", "likes": 7.0, "colour": []any{"blue", "green"}},
		{"id": "c", "image": picture(green), "title": "green", "body": "short", "made": int64(999000)},
		{"id": "d", "title": "no picture", "body": "One sentence here. Another one there."},
	}
	of, err := e.Schema("Photo")
	require.NoError(t, err)
	types := map[string]string{}
	for _, field := range of.Fields {
		if field.Type != schema.Blob {
			types[field.Name] = string(field.Type)
		}
	}
	pictures := make([]row, len(rows))
	for i, each := range rows {
		pictures[i] = row{}
		if image, ok := each["image"]; ok {
			pictures[i]["image"] = image
			delete(each, "image")
		}
	}
	made := typedBatch(t, types, rows)
	made.Columns = append(made.Columns, batch(pictures...).Columns...)
	_, err = e.Put(context.Background(), stream(made), engine.PutOptions{Schema: "Photo"}, nil)
	require.NoError(t, err)
}

// TestADefinitionThatAdds: what a store is extended to is what putting the rows anew gives, and only the new parts are embedded.
func TestADefinitionThatAdds(t *testing.T) {
	for name, c := range map[string]struct {
		before, after []string
		embedded      map[string]int // texts and pictures, by model
	}{
		"nothing":                       {[]string{"look likes"}, []string{"look likes"}, map[string]int{}},
		"an index of a space":           {[]string{"look likes"}, []string{"look likes", "words"}, map[string]int{"other": 3}},
		"an index before it":            {[]string{"look likes"}, []string{"words", "look likes"}, map[string]int{"other": 3}},
		"an index of what is there":     {[]string{"look likes ages colours"}, []string{"look likes ages colours", "colours look", "ages"}, map[string]int{}},
		"spaces in the index":           {[]string{"look"}, []string{"likes look ages colours"}, map[string]int{}},
		"spaces in another order":       {[]string{"look likes"}, []string{"likes look"}, map[string]int{}},
		"another model beside":          {[]string{"look"}, []string{"look", "other"}, map[string]int{"other": 3}},
		"another model in the index":    {[]string{"look likes"}, []string{"look other likes"}, map[string]int{"other": 3}},
		"an index less":                 {[]string{"look", "words"}, []string{"look"}, map[string]int{}},
		"the first index less":          {[]string{"look", "words"}, []string{"words"}, map[string]int{}},
		"a space less":                  {[]string{"look words"}, []string{"words"}, map[string]int{}},
		"texts that are cut":            {[]string{"look"}, []string{"look", "pieces"}, map[string]int{"other": 9}},
		"texts that are cut, in it":     {[]string{"likes"}, []string{"pieces likes"}, map[string]int{"other": 9}},
		"cut texts in another index":    {[]string{"pieces"}, []string{"pieces", "likes pieces"}, map[string]int{}},
		"a space beside cut texts":      {[]string{"pieces likes"}, []string{"pieces likes", "words"}, map[string]int{"other": 3}},
		"cut texts less":                {[]string{"pieces", "likes"}, []string{"likes"}, map[string]int{}},
		"a space beside cut texts only": {[]string{"pieces"}, []string{"pieces colours"}, map[string]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLibrary(t)
			e := l.open(t, galleryOf(c.before...))
			putGallery(t, e)
			require.NoError(t, e.Close())

			want := inMemory(t, galleryOf(c.after...))
			putGallery(t, want)
			for range 2 { // the second time nothing is left to do
				e = l.open(t, galleryOf(c.after...))
				assert.Equal(t, c.embedded, l.embedded())
				sameVectors(t, want, e)
				assert.Equal(t, want.Describe().Schemas, e.Describe().Schemas)
				require.NoError(t, e.Close())
				c.embedded = map[string]int{}
			}
			// What is put now is put into everything.
			e = l.open(t, galleryOf(c.after...))
			assert.Empty(t, e.Describe().Store.Added)
			assert.Empty(t, e.Describe().Store.Removed)
			putGallery(t, e)
			sameVectors(t, want, e)
		})
	}
}

// TestAnExtensionThatEndsEarlyIsGoneOnWith: what was there stays until all is made, for the earlier definition and for readers; what was made by then is not
// made again.
func TestAnExtensionThatEndsEarlyIsGoneOnWith(t *testing.T) {
	before, after := galleryOf("look likes"), galleryOf("look likes", "words")
	l := newLibrary(t)
	e := l.open(t, before)
	var rows []row
	for i := range 600 { // of which 256 are committed at a time
		rows = append(rows, row{"id": strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26), "title": strings.Repeat("word ", i)})
	}
	put(t, e, engine.PutOptions{Schema: "Photo"}, rows...)
	stored := e.Describe().Schemas[0].Rows
	require.Greater(t, stored, 512)
	require.NoError(t, e.Close())

	reason := errors.New("the power went")
	_, err := l.tryOpen(t, after, engine.WithProgress(func(done, _ int64) {
		if done > 256 {
			l.fakes["other"].FailTexts(reason)
		}
	}))
	require.ErrorContains(t, err, "the power went")

	e = l.open(t, before)
	assert.Len(t, run(t, e, `{"version": 1, "type": "query", "index": "index_0", "schema": "Photo"}`, engine.Params{}).Rows, stored)
	require.NoError(t, e.Close())

	// The earlier definition was opened for writing, and what was begun was thrown away.
	_, err = l.tryOpen(t, after, engine.WithProgress(func(done, _ int64) {
		if done > 256 {
			l.fakes["other"].FailTexts(reason)
		}
	}))
	require.ErrorContains(t, err, "the power went")
	l.options["read_only"] = true
	e = l.open(t, before)
	assert.Len(t, run(t, e, `{"version": 1, "type": "query", "index": "index_0", "schema": "Photo"}`, engine.Params{}).Rows, stored)
	require.NoError(t, e.Close())
	_, err = l.tryOpen(t, after)
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
	assert.ErrorContains(t, err, "is open for reading only, and the definition adds to it: the index index_1 was made for the rows of Photo; embedded anew: words")
	delete(l.options, "read_only")

	e = l.open(t, after)
	assert.Equal(t, map[string]int{"other": stored - 256}, l.embedded(), "the first 256 had been committed")
	assert.Equal(t, []string{"the index index_1 was made for the rows of Photo; embedded anew: words"}, e.Describe().Store.Added)
	vectors, err := e.Vectors(context.Background(), engine.VectorsRequest{Schema: "Photo", Index: "index_1"})
	require.NoError(t, err)
	assert.Len(t, vectors, stored)
}

// TestEventsOutliveAnExtension: what events did goes on in an index that has more spaces, with the numbers of one that had them from the start.
func TestEventsOutliveAnExtension(t *testing.T) {
	narrow := strings.Replace(reading, `"spaces": ["look", "age"], "fields"`, `"spaces": ["look"], "fields"`, 1)
	require.NotEqual(t, reading, narrow)
	l, want := newLibrary(t), inMemory(t, reading)
	e := l.open(t, narrow)
	for _, each := range []*engine.Engine{e, want} {
		mustPut(t, each, "Item", row{"id": "east", "v": numbers(1, 0)}, row{"id": "north", "v": numbers(0, 1)})
		mustPut(t, each, "User", row{"id": "ann", "taste": numbers(0, -1), "age": int64(30)}, row{"id": "bob", "taste": numbers(1, 0)})
		_, err := putRows(t, each, engine.PutOptions{Schema: "Event"}, read("1", "ann", "east"), read("2", "ann", "north"), read("3", "new", "north"))
		require.NoError(t, err)
	}
	require.NoError(t, e.Close())
	e = l.open(t, reading)
	sameVectors(t, want, e)
	for _, each := range []*engine.Engine{e, want} {
		_, err := putRows(t, each, engine.PutOptions{Schema: "Event"}, read("4", "ann", "east"), read("5", "bob", "north"))
		require.NoError(t, err)
		mustPut(t, each, "User", row{"id": "ann", "taste": numbers(1, 1)})
	}
	sameVectors(t, want, e)
	require.NoError(t, e.Close())
	e = l.open(t, reading)
	sameVectors(t, want, e)
	require.NoError(t, e.Close())
	_, err := l.tryOpen(t, strings.Replace(reading, `"multiplier": 1,`, `"multiplier": 3,`, 1))
	assert.ErrorContains(t, err, "events changed the vectors of User in the index moved: effects is")
}

// TestFieldsThatWereNotKeptCannotBeEmbedded.
func TestFieldsThatWereNotKeptCannotBeEmbedded(t *testing.T) {
	without := strings.Replace(galleryOf("look"), `"spaces": ["look"]}`, `"spaces": ["look"], "fields_to_exclude": ["Photo.image"]}`, 1)
	l := newLibrary(t)
	e := l.open(t, without)
	putGallery(t, e)
	require.NoError(t, e.Close())
	_, err := l.tryOpen(t, galleryOf("look", "other"))
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.ErrorContains(t, err, "the space other cannot be added: it reads Photo.image, which the store was told not to keep (fields_to_exclude)")
	e = l.open(t, without)
	assert.Equal(t, 4, e.Describe().Schemas[0].Rows)
}
