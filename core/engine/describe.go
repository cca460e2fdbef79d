package engine

import (
	"slices"

	"github.com/innerspace/innerspace/core"
	"github.com/innerspace/innerspace/core/store"
)

// Description says what an engine holds and runs. Its JSON is what the C ABI gives out.
type Description struct {
	Version string              `json:"version"`
	Closed  bool                `json:"closed"` // then nothing more is told
	Schemas []SchemaDescription `json:"schemas"`
	Indices []IndexDescription  `json:"indices"`
	Models  []ModelDescription  `json:"models"`
	Cache   CacheDescription    `json:"cache"`
	Timings Timings             `json:"timings"`
	Store   *StoreDescription   `json:"store,omitempty"` // nil: rows are in memory
}

// StoreDescription says where rows are kept, and how.
type StoreDescription struct {
	Path       string     `json:"path"` // absolute
	Durability Durability `json:"durability"`
	ReadOnly   bool       `json:"read_only"`
	Images     Images     `json:"images"`
	// Added and Removed say in words what opening the store changed, because the definition was added to, or an index left out.
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
}

// ModelDescription says what a model takes and gives.
type ModelDescription struct {
	ModelInfo
	MaxTokens   int    `json:"max_tokens"` // longest text in tokens, markers included
	Format      string `json:"format"`     // how its directory is laid out, in the words of core/embed/layout
	ImageWidth  int    `json:"image_width"`
	ImageHeight int    `json:"image_height"`    // in pixels, as the model sees a picture; 0 where it embeds texts only
	Device      string `json:"device"`          // what it runs on: cpu or cuda
	Fallback    string `json:"device_fallback"` // why that is the processor under the device auto; else empty
}

// Timings says where the time of embedding went, in seconds, summed over the models since the engine was opened. Decoding and
// preprocessing run on several goroutines beside inference, so the parts add up to more than the time on the clock.
type Timings struct {
	Decode         float64 `json:"decode"`          // encoded bytes or raw pixels to RGB
	Preprocess     float64 `json:"preprocess"`      // RGB to the model's input
	ImageInference float64 `json:"image_inference"` // the model on pictures
	TextInference  float64 `json:"text_inference"`  // the model on texts, tokenizing included
}

// SchemaDescription says how many rows a schema has.
type SchemaDescription struct {
	Name string `json:"name"`
	Rows int    `json:"rows"`
}

// IndexDescription names the spaces of an index and the schemas that can be searched in it.
type IndexDescription struct {
	Name      string   `json:"name"`
	Spaces    []string `json:"spaces"`
	Schemas   []string `json:"schemas"`
	Dimension int      `json:"dimension"`
}

// Describe returns what the engine holds now.
func (e *Engine) Describe() Description {
	d := Description{
		Version: core.Version, Schemas: []SchemaDescription{}, Indices: []IndexDescription{}, Models: []ModelDescription{},
	}
	if err := e.calls.enter(); err != nil {
		d.Closed = true
		return d
	}
	defer e.calls.leave()
	for _, t := range e.tables {
		described := SchemaDescription{Name: t.schema.Name}
		// The table is the engine's own, so that it is there is sure.
		_ = e.store.Read(t.schema.Name, func(snapshot store.Snapshot) error {
			described.Rows = snapshot.Rows() - snapshot.Chunks()
			return nil
		})
		d.Schemas = append(d.Schemas, described)
	}
	for _, index := range e.indices {
		described := IndexDescription{Name: index.Name, Dimension: index.Dimension(), Spaces: []string{}, Schemas: []string{}}
		for _, s := range index.Spaces {
			described.Spaces = append(described.Spaces, s.Name())
		}
		for _, t := range e.tables {
			if t.parts[index] != nil {
				described.Schemas = append(described.Schemas, t.schema.Name)
			}
		}
		d.Indices = append(d.Indices, described)
	}
	d.Models = e.describeModels()
	d.Cache = describeCache(e.cache)
	d.Timings = e.timings()
	d.Store = e.describeStore()
	return d
}

func (e *Engine) describeModels() []ModelDescription {
	models := []ModelDescription{}
	for _, s := range e.spaces {
		reference, ok := s.Model()
		if !ok {
			continue
		}
		info, input := e.models[reference].Info(), e.models[reference].Preprocessing()
		model := ModelDescription{
			ModelInfo: ModelInfo{Name: info.Name, Fingerprint: info.Fingerprint, Dimension: info.Dimension},
			MaxTokens: info.MaxTokens, Format: info.Format, ImageWidth: input.Width, ImageHeight: input.Height,
			Device: string(info.Device), Fallback: info.Fallback,
		}
		if !slices.Contains(models, model) {
			models = append(models, model)
		}
	}
	return models
}

func (e *Engine) timings() (sum Timings) {
	for _, embedder := range e.embedders {
		t := embedder.Timings()
		sum.Decode += t.Decode.Seconds()
		sum.Preprocess += t.Preprocess.Seconds()
		sum.ImageInference += t.ImageInference.Seconds()
		sum.TextInference += t.TextInference.Seconds()
	}
	return sum
}
