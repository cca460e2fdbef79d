package engine_test

import (
	"context"
	"image/color"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/engine"
)

// line is a curve that goes straight from a score at cosine -1 to another at 1.
func line(low, high float64) *embed.Curve {
	return &embed.Curve{Cosines: []float64{-1, 1}, Scores: []float64{low, high}}
}

func TestCalibratedScores(t *testing.T) {
	fake := embedtest.New(32, embedtest.WithCalibration(embed.Calibration{TextToImage: line(0, 0.4), ImageToImage: line(0.5, 1)}))
	e, err := engine.Open(context.Background(), []byte(definition), engine.WithModelLoader(models{"fake": fake}.load))
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	red := picture(color.RGBA{R: 255, A: 255})
	put(t, e, engine.PutOptions{Schema: "Image"}, row{"id": "red", "image": red}, row{"id": "words", "description": "blue sea"})
	asking := strings.Replace(byImageAndText, `"select"`, `"partial_scores": true, "select"`, 1)

	// The index has one space, so a score is a cosine.
	for name, c := range map[string]struct {
		params    engine.Params
		low, high float64
	}{
		"a text": {scalars("text", "blue sea"), 0, 0.4}, "a picture": {imageParam("image", red), 0.5, 1},
	} {
		t.Run(name, func(t *testing.T) {
			result := run(t, e, asking, c.params)
			assert.Equal(t, []string{"space"}, result.Info.CalibratedSpaces)
			require.Len(t, result.Rows, 2)
			for _, row := range result.Rows {
				require.Len(t, row.CalibratedScores, 1)
				assert.InDelta(t, c.low+(c.high-c.low)*(row.Score+1)/2, row.CalibratedScores[0], 1e-6)
			}
			assert.InDelta(t, c.high, result.Rows[0].CalibratedScores[0], 1e-6, "what is asked with is found")
			assert.NotEqual(t, result.Rows[0].Score, result.Rows[0].CalibratedScores[0], "the score stays what it is")
		})
	}

	unasked := run(t, e, byImageAndText, scalars("text", "blue sea"))
	assert.Empty(t, unasked.Info.CalibratedSpaces)
	assert.Nil(t, unasked.Rows[0].CalibratedScores)
	assert.Empty(t, run(t, e, asking, scalars()).Info.CalibratedSpaces, "nothing is asked of the space")
}

func TestModelsWithoutCalibration(t *testing.T) {
	e, _ := open(t, definition)
	put(t, e, engine.PutOptions{Schema: "Image"}, row{"id": "words", "description": "blue sea"})
	result := run(t, e, strings.Replace(byImageAndText, `"select"`, `"partial_scores": true, "select"`, 1), scalars("text", "sea"))
	assert.Empty(t, result.Info.CalibratedSpaces)
	assert.Empty(t, result.Rows[0].CalibratedScores)
}
