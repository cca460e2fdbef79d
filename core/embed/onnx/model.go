package onnx

import (
	"context"
	"sync"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/graph"
	"github.com/innerspace/innerspace/core/embed/layout"
	"github.com/innerspace/innerspace/core/embed/tokenize"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// model is a directory's two sessions and tokenizer. It is shared by every
// handle on the same directory; its last user takes it down.
type model struct {
	name          string // what the directory calls itself
	format        string // how it is laid out
	fingerprint   string
	dimension     int
	preprocessing imaging.Preprocessing
	calibration   *embed.Calibration
	tokenizer     tokenize.Tokenizer

	text         *session
	textTower    textTower
	image        *session
	imageTower   imageTower
	lanes        lanes
	textsPerRun  int
	imagesPerRun int
}

// recipe is what is made of a layout.
type recipe struct {
	layout  *layout.Layout
	threads int
	device  embed.Device // embed.CPU or embed.CUDA
	// quantise says that int8 graphs are to be made from the layout's own.
	quantise bool
}

// open reads a layout's files and loads its graphs. The fingerprint, the tokenizer and the two graphs
// do not need each other, and one after the other they take a sixth of a second: they are done at once.
func open(ctx context.Context, r recipe) (*model, error) {
	l := r.layout
	m := &model{name: l.Name, format: l.Format, preprocessing: l.Preprocessing, calibration: l.Calibration, lanes: newLanes(lanesOf(r.threads))}
	err := m.readTowers(l)
	if err == nil && r.quantise {
		err = m.openQuantised(ctx, r)
	} else if err == nil {
		text := m.textTower // loadTokenizer settles its length meanwhile
		err = together(
			func() (err error) { m.fingerprint, err = r.fingerprint(ctx); return err },
			func() error { return m.loadTokenizer(l) },
			func() (err error) {
				m.text, err = openSession(text.graph, text.inputNames(), text.output, r)
				return err
			},
			func() (err error) {
				if !l.Image.Missing() {
					m.image, err = openSession(m.imageTower.graph, []string{m.imageTower.input}, m.imageTower.output, r)
				}
				return err
			},
		)
	}
	if err == nil {
		m.guessDimension(l)
		err = m.findDimension(ctx, l)
	}
	if err != nil {
		m.destroy()
		return nil, err
	}
	return m, nil
}

// readTowers decides from the graphs' signatures how they are called.
func (m *model) readTowers(l *layout.Layout) error {
	text, s, err := openSource(l.Text)
	if err != nil {
		return err
	}
	if m.textTower, err = readTextTower(s, text, choiceOf(l.Text)); err != nil {
		return err
	}
	found, err := text.content(m.textTower.idsName())
	if err != nil {
		return err
	}
	m.textTower.vocabulary = found.vocabulary
	m.textsPerRun = perRun(maxTextsPerRun, m.textTower.batch, found)
	if l.Image.Missing() {
		return nil
	}
	image, s, err := openSource(l.Image)
	if err != nil {
		return err
	}
	if m.imageTower, err = readImageTower(s, image, choiceOf(l.Image), l.Preprocessing); err != nil {
		return err
	}
	if found, err = image.content(""); err != nil {
		return err
	}
	m.preprocessing = m.imageTower.pixels.preprocessing(l.Preprocessing)
	most := maxImagesPerRun
	if l.Image.Size() < smallTower {
		most = maxImagesPerSmallRun
	}
	m.imagesPerRun = perRun(most, m.imageTower.batch, found)
	return nil
}

// perRun is how many items a run takes at most. Where activations are quantised with one scale for the whole batch, an item
// alone has the same vector always, and in company another.
func perRun(most int, fixed int64, graph content) int {
	if graph.quantises {
		most = 1
	}
	if fixed == anyLength {
		return most
	}
	return int(min(int64(most), fixed))
}

func (m *model) loadTokenizer(l *layout.Layout) error {
	maxTokens := l.MaxTokens
	if fixed := m.textTower.length; fixed != anyLength {
		maxTokens = int(min(int64(maxTokens), fixed))
	}
	data, err := l.TokenizerJSON()
	if err != nil {
		return err
	}
	options := tokenize.Options{MaxTokens: maxTokens, PadToken: l.PadToken, Cleaning: l.Cleaning}
	if m.tokenizer, err = tokenize.LoadWith(data, options); err != nil {
		return errs.From(err).At(l.Tokenizer.Name + " of " + l.Dir)
	}
	m.textTower.readsPadding = l.Padding == layout.PaddingRead
	if m.textTower.readsPadding && m.textTower.length == anyLength {
		m.textTower.length = int64(maxTokens)
	}
	if l.Text.Written != nil {
		return m.checkVocabulary(l)
	}
	if has, knows := m.tokenizer.VocabularySize(), m.textTower.vocabulary; knows != 0 && int64(has) > knows {
		return errs.New(errs.InvalidInput, "%s of %s has %d tokens, but the graph %s knows %d: they belong to different models",
			l.Tokenizer.Name, l.Dir, has, l.Text.Graph.Path, knows)
	}
	if l.Padding == layout.PaddingUnseen && m.tokenizer.Family() != tokenize.FamilyCLIP && !m.textTower.has(attentionMask) {
		// Only a causal tower gives the same vector whatever stands behind the end token.
		return errs.New(errs.Unsupported, "the text graph %s takes no attention_mask, and its tokenizer (%s) is not that of a causal tower",
			l.Text.Graph.Path, m.tokenizer.Family())
	}
	return nil
}

// checkVocabulary refuses a tokenizer whose ids are not those that the text tower was trained on, as far as that shows.
// A tower may know more ids than its tokenizer gives: some vocabularies are rounded up.
func (m *model) checkVocabulary(l *layout.Layout) error {
	text, known := l.Text.Written.(graph.TextTower)
	if !known {
		return errs.New(errs.Internal, "a text tower is written as %T", l.Text.Written)
	}
	if has, knows := m.tokenizer.VocabularySize(), text.VocabularySize(); has > knows {
		return errs.New(errs.InvalidInput, "%s of %s has %d tokens, but the model knows %d: they belong to different models",
			l.Tokenizer.Name, l.Dir, has, knows)
	}
	clip, isCLIP := text.(graph.CLIPText)
	if !isCLIP || clip.EndToken < 0 {
		return nil
	}
	empty := m.tokenizer.Encode("")
	if end := empty.IDs[len(empty.IDs)-1]; end != int64(clip.EndToken) {
		return errs.New(errs.InvalidInput, "%s of %s ends a text with the token %d, but the model reads texts at the token %d: they belong to different models",
			l.Tokenizer.Name, l.Dir, end, clip.EndToken)
	}
	return nil
}

// guessDimension takes the dimension that the directory states for float16 towers that leave it open, as only a
// float32 run could tell it. Where it is wrong, ONNX Runtime refuses the output's shape.
func (m *model) guessDimension(l *layout.Layout) {
	if l.Dimension == 0 {
		return
	}
	if m.textTower.dimension == anyLength && m.text.half {
		m.textTower.dimension = int64(l.Dimension)
	}
	if m.image != nil && m.imageTower.dimension == anyLength && m.image.half {
		m.imageTower.dimension = int64(l.Dimension)
	}
}

// findDimension compares the towers' dimensions; one that its graph leaves open is found by a run.
func (m *model) findDimension(ctx context.Context, l *layout.Layout) error {
	err := together(
		func() (err error) {
			if m.textTower.dimension == anyLength {
				_, m.textTower.dimension, err = m.runTexts(ctx, []tokenize.Encoding{m.tokenizer.Encode("")}, alone)
			}
			return err
		},
		func() (err error) {
			if m.image != nil && m.imageTower.dimension == anyLength {
				_, m.imageTower.dimension, err = m.runImages(ctx, make([]float32, m.preprocessing.TensorLen()), 1, alone)
			}
			return err
		},
	)
	if err != nil {
		return err
	}
	text, image := m.textTower.dimension, m.imageTower.dimension
	if m.image != nil && text != image {
		return errs.New(errs.InvalidInput, "the towers of the model %s do not belong together: %s gives vectors of %d numbers, %s of %d",
			l.Dir, m.textTower.graph, text, m.imageTower.graph, image)
	}
	if l.Dimension != 0 && int64(l.Dimension) != text {
		return errs.New(errs.InvalidInput, "the model %s is said to give vectors of %d numbers, but its graphs give %d", l.Dir, l.Dimension, text)
	}
	m.dimension = int(text)
	return nil
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

func (m *model) destroy() {
	m.text.destroy()
	m.image.destroy()
}

func (m *model) info(name string) embed.Info {
	if name == "" {
		name = m.name
	}
	return embed.Info{
		Name: name, Fingerprint: m.fingerprint, Dimension: m.dimension, MaxTokens: m.tokenizer.MaxTokens(), Format: m.format,
		Calibration: m.calibration,
	}
}
