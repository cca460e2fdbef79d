package engine_test

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/schema"
)

// folder is a stream of one batch: the pictures of a folder by name.
type folder struct {
	path  string
	names []string
	done  bool
}

func (f *folder) Next(context.Context) (*schema.Batch, []engine.RowError, error) {
	if f.done {
		return nil, nil, io.EOF
	}
	f.done = true
	given := make([]bool, len(f.names)) // null nowhere
	ids := schema.Column{Name: "id", Null: given, Texts: f.names}
	images := schema.Column{Name: "image", Null: given}
	for _, name := range f.names {
		images.Blobs = append(images.Blobs, blob.Value{Kind: blob.Path, Data: []byte(f.path + name + ".png")})
	}
	return &schema.Batch{Rows: len(f.names), Columns: []schema.Column{ids, images}}, nil, nil
}

// Example finds pictures by words, with the model that comes with the package.
func Example() {
	library := os.Getenv("INNERSPACE_ORT_LIBRARY")
	if library == "" {
		library = "../../build/onnxruntime/libonnxruntime.so.1.32.0" // where build.sh setup puts it
	}
	ctx := context.Background()
	e, err := engine.Open(ctx, []byte(`{"version": 1,
	  "schemas": [{"type": "schema", "name": "Picture", "fields": [{"name": "id", "type": "id"}, {"name": "image", "type": "blob"}]}],
	  "spaces": [{"type": "image_space", "name": "look", "fields": [{"schema": "Picture", "image": "image"}],
	              "model": {"name": "embedded", "path": "../../python/innerspace/models/embedded"}}],
	  "indices": [{"type": "index", "name": "pictures", "spaces": ["look"]}],
	  "options": {"onnxruntime_library": "`+library+`"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()

	pictures := &folder{path: "../../testdata/images/", names: []string{"blue-circle", "blue-square", "red-circle"}}
	report, err := e.Put(ctx, pictures, engine.PutOptions{Schema: "Picture"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("stored", report.Stored)

	byText, err := e.Prepare([]byte(`{"version": 1, "type": "query", "index": "pictures", "schema": "Picture", "limit": {"param": "most"},
	  "clauses": [{"type": "similar", "space": "look", "field": "description", "value": {"param": "words"}}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := byText.Run(ctx, engine.Params{Scalars: map[string]any{"words": "a red circle", "most": 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for rank, row := range result.Rows {
		fmt.Println(rank, row.ID)
	}
	// Output:
	// stored 3
	// 0 red-circle
}
