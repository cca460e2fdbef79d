package onnx

import (
	"context"

	"github.com/innerspace/innerspace/core/errs"
)

// Caps of one run. A large tower gains from more pictures, since its weights are read from memory once a run. Those of a
// small one stay in the processor's cache: it gains nothing, and only takes more memory for what lies between its operators.
const (
	maxImagesPerRun      = 8
	maxImagesPerSmallRun = 4
	smallTower           = 32 << 20 // bytes of weights
)

// images embeds n pictures, float32 [n, 3, height, width], spread over the lanes.
func (m *model) images(ctx context.Context, tensor []float32, n int) ([][]float32, error) {
	if m.image == nil {
		return nil, errs.New(errs.Unsupported, "the model %s embeds texts only", m.name)
	}
	size := m.preprocessing.TensorLen()
	if n < 0 || len(tensor) != n*size {
		return nil, errs.New(errs.Internal, "a tensor of %d numbers is not %d pictures of %d", len(tensor), n, size)
	}
	if n == 0 {
		return nil, nil
	}
	vectors := make([][]float32, n)
	each := min(m.imagesPerRun, (n+cap(m.lanes)-1)/cap(m.lanes))
	runs := (n + each - 1) / each
	err := m.lanes.forEach(ctx, runs, func(ctx context.Context, i int) error {
		first := i * each
		last := min(first+each, n)
		data, dimension, err := m.runImages(ctx, tensor[first*size:last*size], last-first, company(runs > 1))
		if err != nil {
			return err
		}
		copyRows(vectors[first:last], data, int(dimension))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return vectors, nil
}

// runImages is one run. A graph with a fixed batch is filled up with black pictures.
func (m *model) runImages(ctx context.Context, tensor []float32, n int, company company) ([]float32, int64, error) {
	rows := int64(n)
	if fixed := m.imageTower.batch; fixed != anyLength && rows < fixed {
		rows = fixed
		tensor = append(make([]float32, 0, int(fixed)*len(tensor)/n), tensor...)
		tensor = tensor[:cap(tensor)]
	}
	var inputs values
	defer inputs.destroy()
	if err := m.imageTower.pixels.add(&inputs, tensor, rows, m.preprocessing); err != nil {
		return nil, 0, err
	}
	return m.image.run(ctx, &inputs, rows, m.imageTower.dimension, company)
}

// copyRows gives every vector memory of its own, so that keeping one does not keep its batch.
func copyRows(vectors [][]float32, data []float32, dimension int) {
	for i := range vectors {
		vectors[i] = append([]float32(nil), data[i*dimension:(i+1)*dimension]...)
	}
}
