package layout

import (
	"encoding/json"
	"math"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// transformersJS is how Transformers.js lays a model out: Xenova/clip-vit-base-patch32, onnx-community's SigLIP and
// SigLIP 2, jinaai/jina-clip-v1, Marqo's. config.json's model_type tells the family.
var transformersJS = format{
	name: "transformers.js",
	files: []string{
		"onnx/text_model.onnx", "onnx/vision_model.onnx", "config.json", "preprocessor_config.json", "tokenizer.json",
	},
	matches: func(d *directory) bool {
		return half{d, "onnx/text_model"}.any() || half{d, "onnx/vision_model"}.any()
	},
	read: readTransformersJS,
}

type clipConfig struct {
	ModelType     string `json:"model_type"`
	ProjectionDim int    `json:"projection_dim"`
	TextConfig    struct {
		MaxPositionEmbeddings int `json:"max_position_embeddings"`
	} `json:"text_config"`
}

// exportedFamilies by the model_type of config.json; files from before it was written are CLIP's.
var exportedFamilies = map[string]func(*directory, *Layout, clipConfig) error{
	"": readExportedCLIP, "clip": readExportedCLIP, "siglip": readExportedSigLIP, "jina_clip": readExportedJina,
}

func readTransformersJS(d *directory, l *Layout) error {
	if err := l.readGraphs(half{d, "onnx/vision_model"}, half{d, "onnx/text_model"}); err != nil {
		return err
	}
	var err error
	if l.Tokenizer, err = d.file("tokenizer.json", MaxTokenizerBytes); err != nil {
		return err
	}
	var config clipConfig
	if err := d.decode("config.json", &config); err != nil {
		return err
	}
	read, known := exportedFamilies[config.ModelType]
	if !known {
		return errs.New(errs.Unsupported, `config.json of %s says model_type %q; of this format "clip", "siglip" and "jina_clip" are supported`, d.path, config.ModelType)
	}
	if config.ProjectionDim < 0 || config.ProjectionDim > 1<<16 {
		return errs.New(errs.InvalidInput, "projection_dim in config.json of %s is %d", d.path, config.ProjectionDim)
	}
	l.Dimension = config.ProjectionDim
	return read(d, l, config)
}

// clipTokens is what transformers assumes for CLIP where nothing says how long a text may be.
const clipTokens = 77

func readExportedCLIP(d *directory, l *Layout, config clipConfig) error {
	tokens := clipTokens
	if n := config.TextConfig.MaxPositionEmbeddings; n != 0 {
		tokens = n
	}
	var err error
	if l.MaxTokens, err = d.maxTokens(tokens, "text_config.max_position_embeddings"); err != nil {
		return err
	}
	return readCLIPProcessor(d, l)
}

// readExportedJina reads jina-clip-v1: a BERT with mean pooling, which makes its mask from the pad token, beside a CLIP tower.
func readExportedJina(d *directory, l *Layout, _ clipConfig) error {
	const tokens = 512 // jina's own encode_text cuts there, whatever the tower could take
	l.Padding = PaddingMasked
	var err error
	if l.MaxTokens, err = d.maxTokens(tokens, "the length"); err != nil {
		return err
	}
	return d.readProcessor(l, clipProcessor{})
}

type clipTokenizerConfig struct {
	ModelMaxLength float64 `json:"model_max_length"` // 1e30 where the exporter did not know
}

// maxTokens is what the tower takes (key of config.json says it) or, where that is less, what the tokenizer is told.
func (d *directory) maxTokens(tokens int, key string) (int, error) {
	if err := checkTokens(tokens, key+" in config.json of "+d.path); err != nil {
		return 0, err
	}
	if d.has("tokenizer_config.json") {
		var tokenizer clipTokenizerConfig
		if err := d.decode("tokenizer_config.json", &tokenizer); err != nil {
			return 0, err
		}
		if n := tokenizer.ModelMaxLength; n != 0 && n < float64(tokens) {
			if n != math.Trunc(n) {
				return 0, errs.New(errs.InvalidInput, "model_max_length in tokenizer_config.json of %s is %v, not a whole number", d.path, n)
			}
			tokens = int(max(n, math.MinInt32))
		}
	}
	return tokens, checkTokens(tokens, "tokenizer_config.json of "+d.path)
}

// clipProcessor is preprocessor_config.json. Pointers tell "absent" from zero: what is absent
// has the default of transformers' CLIPImageProcessor.
type clipProcessor struct {
	DoResize      *bool     `json:"do_resize"`
	DoCenterCrop  *bool     `json:"do_center_crop"`
	DoRescale     *bool     `json:"do_rescale"`
	DoNormalize   *bool     `json:"do_normalize"`
	Size          *sides    `json:"size"`
	CropSize      *sides    `json:"crop_size"`
	Resample      *int      `json:"resample"`
	RescaleFactor *float64  `json:"rescale_factor"`
	ImageMean     []float64 `json:"image_mean"`
	ImageStd      []float64 `json:"image_std"`
}

// What CLIP was trained with; every library takes it where nothing else is said.
var (
	clipMean = [3]float64{0.48145466, 0.4578275, 0.40821073}
	clipStd  = [3]float64{0.26862954, 0.26130258, 0.27577711}
)

// sides is a size as one number or as a dictionary.
type sides struct {
	Number       int
	ShortestEdge int `json:"shortest_edge"`
	Height       int `json:"height"`
	Width        int `json:"width"`
}

func (s *sides) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		type dictionary sides
		return json.Unmarshal(data, (*dictionary)(s))
	}
	return json.Unmarshal(data, &s.Number)
}

// pillowFilters are the numbers of Pillow's Image.Resampling that imaging has.
var pillowFilters = map[int]imaging.Filter{0: imaging.Nearest, 1: imaging.Lanczos, 2: imaging.Bilinear, 3: imaging.Bicubic}

func (c *clipProcessor) preprocessing() (imaging.Preprocessing, error) {
	p := imaging.Preprocessing{
		Filter: imaging.Bicubic, Rescale: 1,
		Mean: clipMean, Std: clipStd,
	}
	if !enabled(c.DoResize) {
		return p, errs.New(errs.Unsupported, "do_resize is false; pictures of every size have to be brought to one size")
	}
	if c.Resample != nil {
		var known bool
		if p.Filter, known = pillowFilters[*c.Resample]; !known {
			return p, errs.New(errs.Unsupported, "resample is %d; supported are 0 (nearest), 1 (lanczos), 2 (bilinear) and 3 (bicubic)", *c.Resample)
		}
	}
	if enabled(c.DoRescale) {
		p.Rescale = 1.0 / 255
		if c.RescaleFactor != nil {
			p.Rescale = *c.RescaleFactor
		}
	}
	if err := c.normalisation(&p); err != nil {
		return p, err
	}
	return p, c.geometry(&p)
}

func (c *clipProcessor) normalisation(p *imaging.Preprocessing) error {
	if !enabled(c.DoNormalize) {
		p.Mean, p.Std = [3]float64{}, [3]float64{1, 1, 1}
		return nil
	}
	for _, given := range []struct {
		key    string
		values []float64
		target *[3]float64
	}{{"image_mean", c.ImageMean, &p.Mean}, {"image_std", c.ImageStd, &p.Std}} {
		if given.values == nil {
			continue
		}
		if len(given.values) != 3 {
			return errs.New(errs.InvalidInput, "%s has %d numbers; it needs one each for red, green and blue", given.key, len(given.values))
		}
		copy(given.target[:], given.values)
	}
	return nil
}

func (c *clipProcessor) geometry(p *imaging.Preprocessing) error {
	size, crop := sides{Number: 224}, sides{Number: 224}
	if c.Size != nil {
		size = *c.Size
	}
	if c.CropSize != nil {
		crop = *c.CropSize
	}
	switch {
	case size.Height != 0 && size.Width != 0:
		p.Resize, p.Width, p.Height = imaging.Squash, size.Width, size.Height
		if enabled(c.DoCenterCrop) && c.CropSize != nil && (crop.wide() != size.Width || crop.high() != size.Height) {
			return errs.New(errs.Unsupported, "size is %dx%d and crop_size is %dx%d; a crop after a resize that loses the aspect ratio is not supported",
				size.Width, size.Height, crop.wide(), crop.high())
		}
	case size.Number != 0 || size.ShortestEdge != 0:
		p.Resize, p.Size = imaging.ShortestSide, max(size.Number, size.ShortestEdge)
		p.Width, p.Height = crop.wide(), crop.high()
		if !enabled(c.DoCenterCrop) {
			return errs.New(errs.Unsupported, "do_center_crop is false and size names the shorter side only; pictures would come out in every shape")
		}
	default:
		return errs.New(errs.InvalidInput, `size is neither a number, nor {"shortest_edge": …}, nor {"height": …, "width": …}`)
	}
	return nil
}

func (s sides) wide() int { return max(s.Number, s.ShortestEdge, s.Width) }
func (s sides) high() int { return max(s.Number, s.ShortestEdge, s.Height) }

// enabled is the value of a do_… flag: true where it is absent.
func enabled(flag *bool) bool { return flag == nil || *flag }
