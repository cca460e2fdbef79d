package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// fakes gives every reference a fake of its own.
func fakes(context.Context, engine.ModelReference, engine.Options) (embed.Model, error) {
	return embedtest.New(8), nil
}

func TestMistakesInADefinition(t *testing.T) {
	for name, c := range map[string]struct {
		change  []string
		message string
	}{
		"an unknown key":         {[]string{`"model": {`, `"modle": {`}, "$.spaces[0].modle: unknown key; known are type, name, fields, model, salt"},
		"an unknown top key":     {[]string{`"indices"`, `"indexes"`}, "$.indexes: unknown key; known are version, schemas, spaces, indices, options"},
		"another version":        {[]string{`"version": 1`, `"version": 7`}, "$.version: must be a whole number from 1 to 1, got 7"},
		"a schema's type":        {[]string{`"type": "schema"`, `"type": "event"`}, `$.schemas[0].type: unknown schema type "event"; known are schema and event_schema`},
		"a field's type":         {[]string{`"type": "string"`, `"type": "text"`}, `$.schemas[0].fields[2].type: unknown field type "text"; known are id, string, blob`},
		"no id":                  {[]string{`"type": "id"`, `"type": "string"`}, "$.schemas[0].fields[0]: A schema cannot have a non-IdField named 'id'."},
		"a field's flag":         {[]string{`"type": "string"`, `"type": "string", "optional": "yes"`}, `$.schemas[0].fields[2].optional: must be true or false, got the string "yes"`},
		"a schema twice":         {[]string{`"spaces": [{"type"`, `"spaces": [], "schemas": [], "x": [{"type"`}, "$.schemas: the key is given twice"},
		"an index's space":       {[]string{`"spaces": ["space"]`, `"spaces": ["spaec"]`}, `$.indices[0].spaces[0]: there is no space "spaec"`},
		"a space twice":          {[]string{`"spaces": ["space"]`, `"spaces": ["space", "space"]`}, "$.indices[0].spaces[1]: Index cannot contain duplicate spaces."},
		"no spaces":              {[]string{`"spaces": ["space"]`, `"spaces": []`}, "$.indices[0].spaces: Index must be built on at least 1 space."},
		"an index's type":        {[]string{`"type": "index"`, `"type": "list"`}, `$.indices[0].type: unknown index type "list"; known is index`},
		"an index's field":       {[]string{`"spaces": ["space"]`, `"spaces": ["space"], "fields": ["description"]`}, `$.indices[0].fields[0]: a field is written "Schema.field", got "description"`},
		"an index's lost field":  {[]string{`"spaces": ["space"]`, `"spaces": ["space"], "fields": ["Image.x"]`}, `$.indices[0].fields[0]: the schema Image has no field "x"`},
		"an index's lost schema": {[]string{`"spaces": ["space"]`, `"spaces": ["space"], "fields": ["X.x"]`}, `$.indices[0].fields[0]: there is no schema "X"`},
		"an option":              {[]string{`"embedding_cache_bytes"`, `"cache"`}, "$.options.cache: unknown key; known are pixels, max_pixels, max_blob_bytes, url_timeout_seconds, allow_private_addresses, embedding_cache_bytes, threads, onnxruntime_library, device, now"},
		"pixels":                 {[]string{`"embedding_cache_bytes": 0`, `"pixels": "exact"`}, `$.options.pixels: unknown policy "exact"; known are faithful and reference`},
		"max_pixels":             {[]string{`"embedding_cache_bytes": 0`, `"max_pixels": 0`}, "$.options.max_pixels: must be a whole number from 1 to 4294967296, got 0"},
		"a time-out":             {[]string{`"embedding_cache_bytes": 0`, `"url_timeout_seconds": 0`}, "$.options.url_timeout_seconds: must be above 0 and at most 86400, got 0"},
		"threads":                {[]string{`"embedding_cache_bytes": 0`, `"threads": -1`}, "$.options.threads: must be a whole number from 0 to 1024, got -1"},
		"a device":               {[]string{`"embedding_cache_bytes": 0`, `"device": "tpu"`}, `$.options.device: "tpu" is not a device; known are cpu, cuda and auto`},
		"cut":                    {[]string{`"options"`, "\x00"}, "$: not valid JSON near byte "},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.NewReplacer(c.change...).Replace(definition)
			require.NotEqual(t, definition, changed)
			_, err := engine.Open(context.Background(), []byte(changed), engine.WithModelLoader(fakes))
			assert.ErrorContains(t, err, c.message)
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
		})
	}
	doubled := func(list, item string) string {
		return strings.Replace(definition, `"`+list+`": [{`, `"`+list+`": [`+item+`, {`, 1)
	}
	for name, c := range map[string]struct{ text, message string }{
		"two schemas": {doubled("schemas", `{"type": "schema", "name": "Image", "fields": [{"name": "id", "type": "id"}]}`), `$.schemas[1].name: there are two schemas named "Image"`},
		"two spaces":  {strings.Replace(definition, `"indices"`, `"indices": [], "x"`, 1), "$.x: unknown key"},
		"two indices": {doubled("indices", `{"type": "index", "name": "index", "spaces": ["space"]}`), `$.indices[1].name: there are two indices named "index"`},
		"equal spaces": {strings.Replace(strings.Replace(definition, `}],
 "indices"`, `}, {"type": "image_space", "name": "other", "fields": [{"schema": "Image", "image": "image", "description": "description"}],
   "model": {"name": "fake", "path": "/fake"}}],
 "indices"`, 1), `["space"]`, `["space", "other"]`, 1), "$.indices[0].spaces[1]: Index cannot contain duplicate spaces."},
		"a name for two spaces": {strings.Replace(definition, `}],
 "indices"`, `}, {"type": "image_space", "name": "space", "fields": [{"schema": "Image", "image": "image"}],
   "model": {"name": "fake", "path": "/fake"}}],
 "indices"`, 1), `$.spaces[1]: there are two spaces named "space"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := engine.Open(context.Background(), []byte(c.text), engine.WithModelLoader(fakes))
			assert.ErrorContains(t, err, c.message)
		})
	}
	_, err := engine.Open(context.Background(), make([]byte, 5<<20))
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err))
}

func TestOptionsReachTheModelLoader(t *testing.T) {
	text := strings.Replace(definition, `{"embedding_cache_bytes": 0}`, `{"pixels": "reference", "max_pixels": 5000, "max_blob_bytes": 77,
		"url_timeout_seconds": 1.5, "allow_private_addresses": true, "embedding_cache_bytes": 9, "threads": 3, "onnxruntime_library": "/lib/x.so", "device": "auto"}`, 1)
	var got engine.Options
	e, err := engine.Open(context.Background(), []byte(text), engine.WithModelLoader(func(_ context.Context, _ engine.ModelReference, o engine.Options) (embed.Model, error) {
		got = o
		return embedtest.New(8), nil
	}))
	require.NoError(t, err)
	defer e.Close()
	assert.Equal(t, engine.Options{
		Pixels: imaging.Reference, MaxPixels: 5000, MaxBlobBytes: 77, URLTimeout: 1500 * time.Millisecond, AllowPrivateAddresses: true,
		EmbeddingCacheBytes: 9, Threads: 3, ONNXRuntimeLibrary: "/lib/x.so", Device: embed.Auto,
	}, got)
	_, err = e.Put(context.Background(), stream(batch(row{"id": "a", "image": picture(red, blue, green, yellow)})), engine.PutOptions{Schema: "Image"}, nil)
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err), "max_blob_bytes: %v", err)
	small, _ := open(t, strings.Replace(definition, `"embedding_cache_bytes": 0`, `"embedding_cache_bytes": 0, "max_pixels": 1000`, 1))
	_, err = small.Put(context.Background(), stream(batch(row{"id": "a", "image": picture(red)})), engine.PutOptions{Schema: "Image"}, nil)
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err), "max_pixels: %v", err)
}

// threeSpaces has two spaces with one model and one with another.
var threeSpaces = strings.NewReplacer(`}],
 "indices"`, `}, {"type": "image_space", "name": "again", "salt": "x", "fields": [{"schema": "Image", "image": "image"}], "model": {"name": "fake", "path": "/fake"}},
  {"type": "image_space", "name": "third", "fields": [{"schema": "Image", "image": "image"}], "model": {"name": "fake", "path": "/other"}}],
 "indices"`).Replace(definition)

func TestEachModelIsLoadedOnceAndAllAtTheSameTime(t *testing.T) {
	var mu sync.Mutex
	loads := map[string]int{}
	both := make(chan struct{}, 2)
	var made []*embedtest.Model
	e, err := engine.Open(context.Background(), []byte(threeSpaces), engine.WithModelLoader(func(_ context.Context, r engine.ModelReference, _ engine.Options) (embed.Model, error) {
		both <- struct{}{}
		for deadline := time.Now().Add(10 * time.Second); len(both) < 2; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				return nil, errors.New("the other model was not loaded at the same time")
			}
		}
		mu.Lock()
		defer mu.Unlock()
		loads[r.Path]++
		model := embedtest.New(8)
		made = append(made, model)
		return model, nil
	}))
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"/fake": 1, "/other": 1}, loads)
	require.NoError(t, e.Close())
	for _, model := range made {
		assert.True(t, model.Closed())
	}
}

func TestAModelThatDoesNotLoad(t *testing.T) {
	good := embedtest.New(8)
	_, err := engine.Open(context.Background(), []byte(threeSpaces), engine.WithModelLoader(func(ctx context.Context, r engine.ModelReference, _ engine.Options) (embed.Model, error) {
		if r.Path == "/other" {
			return nil, errs.New(errs.NotFound, "no such directory")
		}
		return good, nil
	}))
	assert.EqualError(t, err, "$.spaces[2].model: no such directory")
	assert.Equal(t, errs.NotFound, errs.StatusOf(err))
	assert.True(t, good.Closed(), "the others are given back")

	_, err = engine.Open(context.Background(), []byte(threeSpaces), engine.WithModelLoader(func(ctx context.Context, r engine.ModelReference, _ engine.Options) (embed.Model, error) {
		if r.Path == "/other" {
			return nil, errs.New(errs.Unsupported, "not this one")
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}))
	assert.Equal(t, errs.Unsupported, errs.StatusOf(err), "not the cancellation that it caused")
	_, err = engine.Open(context.Background(), []byte(definition), engine.WithModelLoader(func(context.Context, engine.ModelReference, engine.Options) (embed.Model, error) {
		return nil, nil
	}))
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	_, err = engine.Open(context.Background(), []byte(strings.Replace(definition, "/fake", t.TempDir(), 1)))
	assert.NotEqual(t, errs.OK, errs.StatusOf(err), "the real loader refuses an empty directory")
	assert.NotEqual(t, errs.Internal, errs.StatusOf(err), "%v", err)
}

// TestTheCacheIsSharedByEngines: what one engine embedded another with the same model does not embed again, unless its cache is off.
func TestTheCacheIsSharedByEngines(t *testing.T) {
	caching := strings.Replace(definition, `"embedding_cache_bytes": 0`, `"embedding_cache_bytes": 1000000`, 1)
	load := func(fake *embedtest.Model) engine.Option { return engine.WithModelLoader(models{"fake": fake}.load) }
	items := func(definition string) int {
		fake := embedtest.New(32, embedtest.WithFingerprint("shared by engines"))
		e, err := engine.Open(context.Background(), []byte(definition), load(fake))
		require.NoError(t, err)
		defer e.Close()
		put(t, e, engine.PutOptions{}, row{"id": "a", "image": picture(red), "description": "only in this test"})
		put(t, e, engine.PutOptions{}, row{"id": "b", "image": picture(red), "description": "only in this test"})
		return fake.ImageItems() + fake.TextItems()
	}
	assert.Equal(t, 4, items(definition), "off: everything is embedded each time")
	assert.Equal(t, 2, items(caching), "on: once")
	assert.Equal(t, 0, items(caching), "and for the next engine not at all")
	assert.Equal(t, 0, items(strings.Replace(caching, "1000000", "2000000", 1)), "not even where it asks for a larger cache")
	assert.Equal(t, 4, items(definition), "off stays off")
}

func TestAResolverOfOnesOwn(t *testing.T) {
	var asked atomic.Int32
	fake := embedtest.New(8)
	e, err := engine.Open(context.Background(), []byte(definition), engine.WithModelLoader(models{"fake": fake}.load), engine.WithResolver(resolverFunc(func(v blob.Value) (blob.Content, error) {
		asked.Add(1)
		return blob.Content{Encoded: picture(green), Origin: "made up"}, nil
	})))
	require.NoError(t, err)
	defer e.Close()
	put(t, e, engine.PutOptions{}, row{"id": "a", "image": blob.Value{Data: []byte("anything")}})
	result := run(t, e, byImageAndText, scalars("image", "anything else"))
	assert.InDelta(t, 1, result.Rows[0].Score, 1e-6)
	assert.EqualValues(t, 2, asked.Load())
	assert.Equal(t, "anything else", result.Info.SearchParams["image"])
}

type resolverFunc func(blob.Value) (blob.Content, error)

func (f resolverFunc) Resolve(_ context.Context, v blob.Value) (blob.Content, error) { return f(v) }

func FuzzOpen(f *testing.F) {
	f.Add([]byte(definition))
	f.Add([]byte(threeSpaces))
	f.Add([]byte(reading))
	f.Add([]byte(leavingOut))
	f.Add([]byte(`{"version": 1, "schemas": [], "indices": [{"type": "index", "name": "x", "spaces": []}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := engine.Open(context.Background(), text, engine.WithModelLoader(fakes))
		if err != nil {
			require.Contains(t, []errs.Status{errs.InvalidInput, errs.LimitExceeded, errs.InvalidState}, errs.StatusOf(err), "%v", err)
			return
		}
		e.Describe()
		require.NoError(t, e.Close())
	})
}
