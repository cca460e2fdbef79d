package layout

import (
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
)

// nativeCalibration is what model.json says of how cosines are to be read.
type nativeCalibration struct {
	TextToImage  *nativeCurve `json:"text_to_image"`
	ImageToImage *nativeCurve `json:"image_to_image"`
	TextToText   *nativeCurve `json:"text_to_text"`
}

type nativeCurve struct {
	Cosines []float64 `json:"cosines"`
	Scores  []float64 `json:"scores"`
}

// read returns nil for a model without calibration.
func (c *nativeCalibration) read() (*embed.Calibration, error) {
	if c == nil {
		return nil, nil
	}
	var calibration embed.Calibration
	for _, part := range []struct {
		name  string
		given *nativeCurve
		curve **embed.Curve
	}{
		{"text_to_image", c.TextToImage, &calibration.TextToImage},
		{"image_to_image", c.ImageToImage, &calibration.ImageToImage},
		{"text_to_text", c.TextToText, &calibration.TextToText},
	} {
		if part.given == nil {
			continue
		}
		curve := &embed.Curve{Cosines: part.given.Cosines, Scores: part.given.Scores}
		if err := curve.Check(); err != nil {
			return nil, errs.From(err).At(part.name)
		}
		*part.curve = curve
	}
	return &calibration, nil
}
