package onnx

import (
	"context"
	"sync"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/layout"
	"github.com/innerspace/innerspace/core/embed/tokenize"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// model is a directory's two sessions and tokenizer. It is shared by every
// handle on the same directory; its last user takes it down.
type model struct {
	name          string // what the directory calls itself
	fingerprint   string
	dimension     int
	preprocessing imaging.Preprocessing
	tokenizer     tokenize.Tokenizer

	text         *session
	textTower    textTower
	image        *session
	imageTower   imageTower
	lanes        lanes
	textsPerRun  int
	imagesPerRun int
}

// open reads a layout's files and loads its graphs. The two graphs, the tokenizer
// and the fingerprint are independent, and together take a tenth of a second: they are done at once.
func open(ctx context.Context, l *layout.Layout, threads int) (*model, error) {
	m := &model{name: l.Name, preprocessing: l.Preprocessing, lanes: newLanes(threads)}
	textDimension, imageDimension := int64(anyLength), int64(anyLength)
	err := together(
		func() (err error) { m.fingerprint, err = l.Fingerprint(ctx); return err },
		func() (err error) { textDimension, err = m.openText(ctx, l, threads); return err },
		func() (err error) { imageDimension, err = m.openImage(ctx, l, threads); return err },
	)
	if err == nil {
		err = checkDimensions(l, textDimension, imageDimension)
	}
	if err != nil {
		m.destroy()
		return nil, err
	}
	m.dimension = int(textDimension)
	return m, nil
}

// together runs all of work and returns the first error in their order.
func together(work ...func() error) error {
	failures := make([]error, len(work))
	var group sync.WaitGroup
	for i, do := range work {
		group.Go(func() { failures[i] = guarded(do) })
	}
	group.Wait()
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkDimensions(l *layout.Layout, text, image int64) error {
	if text != image {
		return errs.New(errs.InvalidInput, "the towers of the model %s do not belong together: %s gives vectors of %d numbers, %s of %d",
			l.Dir, l.Text.Graph.Name, text, l.Image.Graph.Name, image)
	}
	if l.Dimension != 0 && int64(l.Dimension) != text {
		return errs.New(errs.InvalidInput, "the model %s is said to give vectors of %d numbers, but its graphs give %d", l.Dir, l.Dimension, text)
	}
	return nil
}

func (m *model) openText(ctx context.Context, l *layout.Layout, threads int) (int64, error) {
	s, err := readSignature(l.Text.Graph)
	if err != nil {
		return 0, err
	}
	if m.textTower, err = readTextTower(s, l.Text); err != nil {
		return 0, err
	}
	maxTokens := l.MaxTokens
	if fixed := m.textTower.length; fixed != anyLength {
		maxTokens = int(min(int64(maxTokens), fixed))
	}
	data, err := l.TokenizerJSON()
	if err != nil {
		return 0, err
	}
	if m.tokenizer, err = tokenize.Load(data, maxTokens); err != nil {
		return 0, errs.From(err).At(l.Tokenizer.Name + " of " + l.Dir)
	}
	if m.tokenizer.Family() != tokenize.FamilyCLIP && !m.textTower.has(attentionMask) {
		// Only a causal tower gives the same vector whatever stands behind the end token.
		return 0, errs.New(errs.Unsupported, "the text graph %s takes no attention_mask, and its tokenizer (%s) is not that of a causal tower",
			l.Text.Graph.Path, m.tokenizer.Family())
	}
	m.textsPerRun = maxTextsPerRun
	if fixed := m.textTower.batch; fixed != anyLength {
		m.textsPerRun = int(min(fixed, maxTextsPerRun))
	}
	names := make([]string, len(m.textTower.inputs))
	for i, in := range m.textTower.inputs {
		names[i] = in.name
	}
	if m.text, err = openSession(l.Text.Graph.Path, names, m.textTower.output, threads); err != nil {
		return 0, err
	}
	if m.textTower.dimension == anyLength {
		_, m.textTower.dimension, err = m.runTexts(ctx, []tokenize.Encoding{m.tokenizer.Encode("")})
	}
	return m.textTower.dimension, err
}

func (m *model) openImage(ctx context.Context, l *layout.Layout, threads int) (int64, error) {
	s, err := readSignature(l.Image.Graph)
	if err != nil {
		return 0, err
	}
	if m.imageTower, err = readImageTower(s, l.Image, l.Preprocessing); err != nil {
		return 0, err
	}
	m.imagesPerRun = maxImagesPerRun
	if fixed := m.imageTower.batch; fixed != anyLength {
		m.imagesPerRun = int(min(fixed, maxImagesPerRun))
	}
	if m.image, err = openSession(l.Image.Graph.Path, []string{m.imageTower.input}, m.imageTower.output, threads); err != nil {
		return 0, err
	}
	if m.imageTower.dimension == anyLength {
		_, m.imageTower.dimension, err = m.runImages(ctx, make([]float32, m.preprocessing.TensorLen()), 1)
	}
	return m.imageTower.dimension, err
}

func (m *model) destroy() {
	m.text.destroy()
	m.image.destroy()
}

func (m *model) info(name string) embed.Info {
	if name == "" {
		name = m.name
	}
	return embed.Info{Name: name, Fingerprint: m.fingerprint, Dimension: m.dimension, MaxTokens: m.tokenizer.MaxTokens()}
}

func (t textTower) has(role textRole) bool {
	for _, in := range t.inputs {
		if in.role == role {
			return true
		}
	}
	return false
}
