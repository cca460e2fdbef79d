package layout

import (
	"regexp"
	"strconv"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// native is our own format: model.json names the graphs and says how pictures are prepared.
var native = format{
	name:    "innerspace",
	files:   []string{"model.json", "the graphs it names", "tokenizer.json"},
	matches: func(d *directory) bool { return d.has("model.json") },
	read:    readNative,
}

type nativeModel struct {
	Name      string `json:"name"`
	Dimension int    `json:"dimension"`
	Image     struct {
		File          string `json:"file"`
		Output        string `json:"output"`
		Preprocessing struct {
			Mode   string     `json:"mode"`
			Resize string     `json:"resize"`
			Crop   string     `json:"crop"`
			Scale  string     `json:"scale"`
			Mean   [3]float64 `json:"mean"`
			Std    [3]float64 `json:"std"`
		} `json:"preprocessing"`
	} `json:"image"`
	Text struct {
		File      string `json:"file"`
		Output    string `json:"output"`
		MaxTokens int    `json:"max_tokens"`
	} `json:"text"`
	Calibration *nativeCalibration `json:"calibration"`
}

func readNative(d *directory, l *Layout) error {
	var model nativeModel
	if err := d.decode("model.json", &model); err != nil {
		return err
	}
	if model.Name != "" {
		l.Name = model.Name
	}
	if model.Dimension < 1 || model.Dimension > 1<<16 {
		return errs.New(errs.InvalidInput, "dimension in model.json of %s is %d; it has to be between 1 and %d", d.path, model.Dimension, 1<<16)
	}
	l.Dimension = model.Dimension
	if err := checkTokens(model.Text.MaxTokens, "text.max_tokens in model.json of "+d.path); err != nil {
		return err
	}
	l.MaxTokens = model.Text.MaxTokens

	var err error
	if l.Image, err = d.namedTower(model.Image.File, "image.file in model.json"); err != nil {
		return err
	}
	if l.Text, err = d.namedTower(model.Text.File, "text.file in model.json"); err != nil {
		return err
	}
	l.Image.Output, l.Text.Output = model.Image.Output, model.Text.Output
	if l.Tokenizer, err = d.file("tokenizer.json", MaxTokenizerBytes); err != nil {
		return err
	}
	given := model.Image.Preprocessing
	p, err := parseNativePreprocessing(given.Mode, given.Resize, given.Crop, given.Scale)
	if err != nil {
		return errs.From(err).At("image.preprocessing in model.json of " + d.path)
	}
	p.Mean, p.Std = given.Mean, given.Std
	l.Preprocessing = p
	if l.Calibration, err = model.Calibration.read(); err != nil {
		return errs.From(err).At("calibration in model.json of " + d.path)
	}
	return checkPreprocessing(p, "image.preprocessing in model.json of "+d.path)
}

// The words of model.json's preprocessing; anything else is refused rather than guessed.
var (
	shortestSideWords = regexp.MustCompile(`^shortest side to (\d{1,5}), (\w+) with antialias$`)
	squashWords       = regexp.MustCompile(`^squash to (\d{1,5})x(\d{1,5}), (\w+) with antialias$`)
	cropWords         = regexp.MustCompile(`^centre (\d{1,5})x(\d{1,5})$`)
	filterWords       = map[string]imaging.Filter{
		"bicubic": imaging.Bicubic, "bilinear": imaging.Bilinear, "lanczos": imaging.Lanczos, "nearest": imaging.Nearest,
	}
)

func parseNativePreprocessing(mode, resize, crop, scale string) (imaging.Preprocessing, error) {
	var p imaging.Preprocessing
	if mode != "RGB" {
		return p, errs.New(errs.Unsupported, `mode is %q; only "RGB" is known`, mode)
	}
	switch scale {
	case "x/255":
		p.Rescale = 1.0 / 255
	case "x":
		p.Rescale = 1
	default:
		return p, errs.New(errs.Unsupported, `scale is %q; known are "x/255" and "x"`, scale)
	}
	var filter string
	if words := shortestSideWords.FindStringSubmatch(resize); words != nil {
		p.Resize, p.Size, filter = imaging.ShortestSide, number(words[1]), words[2]
		size := cropWords.FindStringSubmatch(crop)
		if size == nil {
			return p, errs.New(errs.Unsupported, `crop is %q; known is "centre WxH"`, crop)
		}
		p.Width, p.Height = number(size[1]), number(size[2])
	} else if words := squashWords.FindStringSubmatch(resize); words != nil {
		p.Resize, p.Width, p.Height, filter = imaging.Squash, number(words[1]), number(words[2]), words[3]
		if crop != "" && crop != "none" {
			return p, errs.New(errs.Unsupported, `crop is %q; a squashed picture is not cropped ("none")`, crop)
		}
	} else {
		return p, errs.New(errs.Unsupported,
			`resize is %q; known are "shortest side to N, FILTER with antialias" and "squash to WxH, FILTER with antialias"`, resize)
	}
	var known bool
	if p.Filter, known = filterWords[filter]; !known {
		return p, errs.New(errs.Unsupported, "the resize filter %q is not known; known are bicubic, bilinear, lanczos, nearest", filter)
	}
	return p, nil
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // at most five digits, by the patterns above
	return n
}
