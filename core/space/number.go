package space

import (
	"math"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/schema"
)

// Modes of a number space.
const (
	modeMaximum = "maximum"
	modeMinimum = "minimum"
	modeSimilar = "similar"
)

const numberDimension = 3

// numberFilterEntry is the protected entry of a number space's vectors.
const numberFilterEntry = 2

// numberSpace ranks by a number: the larger the better, the smaller the better, or the closer to a wanted one.
//
// With t(x) = x, or log10(1+x) on the logarithmic scale, a number x becomes (sin a, cos a, 0), where
//
//	a = (c - t(min)) / (t(max) - t(min)) * pi/2,   c = t(x) kept within t(min) and t(max);
//
// but x below min (modes maximum and similar) or above max (minimum and similar) becomes (0, 0, negative filter). The
// third entry is protected. A row without a number has zeros.
//
// At query, maximum asks for (1, 0, 1) and minimum for (0, 1, 1). In similar mode every input is embedded and turned back
// into a number (inverse), the numbers are aggregated, and what comes out is embedded.
type numberSpace struct {
	single
	low, high      float64
	mode           string
	logarithmic    bool
	aggregation    aggregation
	negativeFilter float64
}

func readNumberSpace(node document.Node, schemas Schemas) Definition {
	object := node.Object(append(singleKeys, "min_value", "max_value", "mode", "scale", "aggregation", "negative_filter")...)
	s := &numberSpace{mode: modeMaximum}
	s.single = readSingle(object, schemas, "number", []schema.Type{schema.Float, schema.Integer}, nil, nil)
	lowNode, highNode := object.Need("min_value"), object.Need("max_value")
	s.low, s.high = lowNode.Number(), highNode.Number()
	mode := object.Need("mode")
	switch s.mode = mode.Text(); s.mode {
	case modeMaximum, modeMinimum:
		s.needField(object, "NumberSpace")
	case modeSimilar:
	default:
		mode.Fail("unknown mode %q; known are maximum, minimum, similar", s.mode)
	}
	if scale, ok := object.Get("scale"); ok && !scale.IsNull() {
		switch scale.Text() {
		case "linear":
		case "logarithmic":
			s.logarithmic = true
		default:
			scale.Fail("unknown scale %q; known are linear, logarithmic", scale.Text())
		}
	}
	s.aggregation = readAggregation(object)
	if filter, ok := object.Get("negative_filter"); ok && !filter.IsNull() {
		s.negativeFilter = filter.Number()
		if s.negativeFilter > 0 {
			filter.Fail("The negative filter value should not be more than 0. Value is: %s", pythonFloat(s.negativeFilter))
		}
		checkEntry(filter, s.negativeFilter)
	}
	switch {
	case s.high <= s.low:
		highNode.Fail("The maximum value (%s) should be greater than the minimum value (%s).", pythonFloat(s.high), pythonFloat(s.low))
	case s.logarithmic && s.low < 0:
		lowNode.Fail("Min value must be 0 or higher when using logarithmic scale.")
	case s.scale(s.high)-s.scale(s.low) == 0 || math.IsInf(s.high-s.low, 0):
		highNode.Fail("the values from %g to %g cannot be told apart in float64", s.low, s.high)
	}
	return s
}

func (s *numberSpace) Identity() string {
	return s.identity("number_space", s.low, s.high, s.mode, s.logarithmic, s.aggregation, s.negativeFilter)
}

// IdentityFor leaves the fields of other schemas out.
func (s *numberSpace) IdentityFor(schema string) string {
	restricted := *s
	restricted.fields = only(s.fields, schema)
	return restricted.Identity()
}

func (s *numberSpace) Build(Embedder, embed.Info) (Space, error) { return s, nil }

func (s *numberSpace) Dimension() int { return numberDimension }

func (s *numberSpace) Target(name string) (Target, error) {
	if s.mode != modeSimilar {
		return noTarget("NumberSpace")
	}
	return s.oneTarget("number space", name, NumberValue)
}

// scale is t, the transform of the scale.
func (s *numberSpace) scale(x float64) float64 {
	if s.logarithmic {
		return math.Log10(1 + x)
	}
	return x
}

// unscale is the inverse of scale.
func (s *numberSpace) unscale(y float64) float64 {
	if s.logarithmic {
		return math.Pow(10, y) - 1
	}
	return y
}
