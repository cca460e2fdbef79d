package layout

import (
	"fmt"
	"strings"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
)

// graphSuffixes are what exporters put behind a graph's name for its precision, best first.
var graphSuffixes = map[embed.Precision][]string{
	embed.FP32: {""}, embed.FP16: {"_fp16"}, embed.INT8: {"_int8", "_quantized"},
}

// half is where a tower's graphs lie: the directory, and their name without suffix and ending.
type half struct {
	d    *directory
	name string
}

func (h half) graph(suffix string) string { return h.name + suffix + ".onnx" }

// in finds the graph of a precision; "" where there is none.
func (h half) in(precision embed.Precision) string {
	for _, suffix := range graphSuffixes[precision] {
		if name := h.graph(suffix); h.d.has(name) {
			return name
		}
	}
	return ""
}

// any says whether there is a graph of any precision.
func (h half) any() bool {
	return h.in(embed.FP32) != "" || h.in(embed.FP16) != "" || h.in(embed.INT8) != ""
}

// readGraphs finds both towers in the precision that is wanted. Of an int8 model there may be only what it is made from.
func (l *Layout) readGraphs(image, text half) error {
	precision := l.wanted
	if precision == embed.INT8 && image.in(precision) == "" && text.in(precision) == "" {
		precision = embed.FP32
	}
	l.Precision = precision
	for _, tower := range []struct {
		half
		into *Tower
	}{{text, &l.Text}, {image, &l.Image}} {
		name := tower.in(precision)
		if name == "" {
			return missingGraph(tower.half, precision, image, text)
		}
		found, err := tower.d.tower(name)
		if err != nil {
			return err
		}
		found.Output, found.Pooled = tower.into.Output, tower.into.Pooled
		*tower.into = found
	}
	return nil
}

// missingGraph says what was looked for, and in which precision there is everything.
func missingGraph(missing half, precision embed.Precision, image, text half) error {
	var looked []string
	for _, suffix := range graphSuffixes[precision] {
		name := missing.graph(suffix)
		if _, err := missing.d.file(name, MaxGraphBytes); errs.StatusOf(err) != errs.NotFound {
			return err // it is there, but no file
		}
		looked = append(looked, name)
	}
	advice := ""
	for _, other := range []embed.Precision{embed.FP32, embed.FP16, embed.INT8} {
		if image.in(other) != "" && text.in(other) != "" {
			advice = fmt.Sprintf("; both towers are there in the precision %s", other)
			break
		}
	}
	return errs.New(errs.NotFound, "the model directory %s has no %s, which the precision %s needs%s; it holds %s",
		missing.d.path, strings.Join(looked, " or "), precision, advice, missing.d.listing())
}

// checkPrecision refuses a precision that the directory's format knows nothing of.
func (l *Layout) checkPrecision() error {
	if l.wanted == embed.FP16 && l.Precision != embed.FP16 {
		return errs.New(errs.Unsupported, "the model directory %s has no graphs in the precision fp16; take fp32", l.Dir)
	}
	return nil
}
