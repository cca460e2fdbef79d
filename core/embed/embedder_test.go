package embed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// picture is a 20x20 PNG of one colour, told apart by n.
func picture(t testing.TB, n int) blob.Content {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 20, 20))
	for i := range 400 {
		img.Set(i%20, i/20, color.RGBA{R: uint8(n), G: uint8(n >> 8), B: 128, A: 255})
	}
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, img))
	return blob.Content{Encoded: out.Bytes(), Origin: fmt.Sprintf("%d.png", n)}
}

func newEmbedder(model embed.Model, cacheBytes int64) *embed.Embedder {
	return embed.NewEmbedder(model, embed.Options{Cache: embed.NewCache(cacheBytes), Workers: 3})
}

// counter sums what a progress function is told.
func counter() (*int, func(int)) {
	sum := 0
	return &sum, func(n int) { sum += n }
}

func TestTextsKeepTheirOrderAndAreEmbeddedOnce(t *testing.T) {
	model := embedtest.New(8, embedtest.WithMaxTokens(6))
	embedder := newEmbedder(model, 1<<20)
	var texts []string
	for i := range 300 {
		texts = append(texts, fmt.Sprintf("text %d%s", i%150, strings.Repeat(" long", i%150/30)))
	}
	done, progress := counter()
	out, err := embedder.Texts(context.Background(), texts, progress)
	require.NoError(t, err)
	require.Len(t, out, 300)
	assert.Equal(t, 300, *done)
	assert.Equal(t, 150, model.TextItems())
	for i := range 300 {
		require.NoError(t, out[i].Err)
		assert.Equal(t, out[i%150].Vector, out[i].Vector)
		assert.Equal(t, 4+i%150/30, out[i].Tokens)
		assert.Equal(t, out[i].Tokens > 6, out[i].Truncated)
	}
	assert.Equal(t, embedtest.TextVector("text 7", 8), out[157].Vector)

	again, err := embedder.Texts(context.Background(), texts, progress)
	require.NoError(t, err)
	assert.Equal(t, out, again)
	assert.Equal(t, 150, model.TextItems(), "the second time everything is cached")
	assert.Equal(t, 600, *done)
}

func TestImagesKeepTheirOrderAndOneBadPictureDisturbsNoOther(t *testing.T) {
	model := embedtest.New(8)
	embedder := newEmbedder(model, 0)
	good := make([]blob.Content, 40)
	for i := range good {
		good[i] = picture(t, i*1500)
	}
	want, err := embedder.Images(context.Background(), good, nil)
	require.NoError(t, err)

	mixed := append([]blob.Content{}, good...)
	mixed[3] = blob.Content{Encoded: []byte("this is no picture"), Origin: "notes.txt"}
	mixed[4] = blob.Content{Encoded: good[4].Encoded[:40], Origin: "cut.png"}
	mixed[5] = blob.Content{}
	mixed[6] = blob.Content{Pixels: &blob.Pixels{Mode: "RGB", Width: 5, Height: 5, Data: []byte{1}}}
	mixed[39] = mixed[3]
	mixed[39].Origin = "again.txt"
	done, progress := counter()
	out, err := embedder.Images(context.Background(), mixed, progress)
	require.NoError(t, err)
	assert.Equal(t, 40, *done)
	for i := range mixed {
		switch i {
		case 3, 4, 5, 6, 39:
			assert.Nil(t, out[i].Vector, i)
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(out[i].Err), "%d: %v", i, out[i].Err)
		default:
			require.NoError(t, out[i].Err)
			assert.Equal(t, want[i].Vector, out[i].Vector, i)
		}
	}
	assert.Contains(t, out[3].Err.Error(), "notes.txt")
	assert.Contains(t, out[39].Err.Error(), "again.txt")
}

func TestImagesOverThePixelCap(t *testing.T) {
	embedder := embed.NewEmbedder(embedtest.New(4), embed.Options{Limits: imaging.Limits{MaxPixels: 399}})
	out, err := embedder.Images(context.Background(), []blob.Content{picture(t, 1)}, nil)
	require.NoError(t, err)
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(out[0].Err))
}

// The cap holds for a picture that the process has embedded already, under a wider one.
func TestACachedPictureOverThePixelCap(t *testing.T) {
	cache := embed.NewCache(1 << 20)
	raw := blob.Content{Pixels: &blob.Pixels{Mode: "L", Width: 20, Height: 20, Data: make([]byte, 400)}}
	for _, policy := range []imaging.Policy{imaging.Faithful, imaging.Reference} {
		for _, limit := range []struct {
			pixels int64
			status errs.Status
		}{{400, errs.OK}, {399, errs.LimitExceeded}, {0, errs.OK}} {
			model := embedtest.New(4)
			embedder := embed.NewEmbedder(model, embed.Options{Cache: cache, Policy: policy, Limits: imaging.Limits{MaxPixels: limit.pixels}})
			done, progress := counter()
			out, err := embedder.Images(context.Background(), []blob.Content{picture(t, 1), raw, picture(t, 1)}, progress)
			require.NoError(t, err)
			assert.Equal(t, 3, *done)
			for i := range out {
				assert.Equal(t, limit.status, errs.StatusOf(out[i].Err), "picture %d, at most %d pixels: %v", i, limit.pixels, out[i].Err)
			}
			if limit.pixels != 400 {
				assert.Zero(t, model.ImageItems())
			}
		}
	}
}

func TestTheSameContentIsEmbeddedOnce(t *testing.T) {
	for name, bytes := range map[string]int64{"cache": 1 << 20, "no cache": 0} {
		t.Run(name, func(t *testing.T) {
			model := embedtest.New(8)
			embedder := newEmbedder(model, bytes)
			a, b := picture(t, 1), picture(t, 200)
			raw := blob.Content{Pixels: &blob.Pixels{Mode: "L", Width: 1, Height: 1, Data: []byte{9}}}
			contents := []blob.Content{a, b, raw, a, a, raw, b}
			done, progress := counter()
			out, err := embedder.Images(context.Background(), contents, progress)
			require.NoError(t, err)
			assert.Equal(t, 3, model.ImageItems())
			assert.Equal(t, 7, *done)
			assert.Equal(t, out[0].Vector, out[3].Vector)
			assert.NotEqual(t, out[0].Vector, out[1].Vector)

			out[0].Vector[0] = 99 // the caller's to change
			assert.NotEqual(t, float32(99), out[3].Vector[0])
			again, err := embedder.Images(context.Background(), contents[:1], nil)
			require.NoError(t, err)
			assert.Equal(t, out[3].Vector, again[0].Vector)
			if bytes > 0 {
				assert.Equal(t, 3, model.ImageItems())
			} else {
				assert.Equal(t, 4, model.ImageItems())
			}
		})
	}
}

func TestACacheIsSharedBetweenEmbeddersOfOneModelOnly(t *testing.T) {
	cache := embed.NewCache(1 << 20)
	one, two := embedtest.New(8), embedtest.New(8, embedtest.WithFingerprint("two"))
	for _, step := range []struct {
		model  *embedtest.Model
		policy imaging.Policy
		texts  int
		images int
	}{
		{one, imaging.Faithful, 1, 1},
		{one, imaging.Faithful, 1, 1},
		{one, imaging.Reference, 1, 2}, // a text has no pixels
		{two, imaging.Faithful, 1, 1},
	} {
		embedder := embed.NewEmbedder(step.model, embed.Options{Cache: cache, Policy: step.policy})
		_, err := embedder.Texts(context.Background(), []string{"a"}, nil)
		require.NoError(t, err)
		_, err = embedder.Images(context.Background(), []blob.Content{picture(t, 1)}, nil)
		require.NoError(t, err)
		assert.Equal(t, step.texts, step.model.TextItems())
		assert.Equal(t, step.images, step.model.ImageItems())
	}
}

func TestWhatWasEmbeddedBeforeACancelStaysCached(t *testing.T) {
	model := embedtest.New(8)
	embedder := newEmbedder(model, 1<<20)
	texts := make([]string, 1000)
	pictures := make([]blob.Content, 60)
	for i := range texts {
		texts[i] = fmt.Sprint("text ", i)
	}
	for i := range pictures {
		pictures[i] = picture(t, i*1000)
	}
	calls := map[string]func(context.Context, func(int)) error{
		"texts":    func(ctx context.Context, p func(int)) error { _, err := embedder.Texts(ctx, texts, p); return err },
		"pictures": func(ctx context.Context, p func(int)) error { _, err := embedder.Images(ctx, pictures, p); return err },
	}
	for name, run := range calls {
		t.Run(name, func(t *testing.T) {
			before := embedder.Stats()
			ctx, cancel := context.WithCancel(context.Background())
			done := 0
			err := run(ctx, func(n int) {
				if done += n; done >= 20 {
					cancel()
				}
			})
			assert.Equal(t, errs.Cancelled, errs.StatusOf(err), "%v", err)
			assert.GreaterOrEqual(t, done, 20)
			kept := int(embedder.Stats().Entries - before.Entries)
			assert.Equal(t, done, kept)

			total := map[string]int{"texts": 1000, "pictures": 60}[name]
			assert.Less(t, kept, total)
			items := model.TextItems() + model.ImageItems()
			require.NoError(t, run(context.Background(), func(int) {}))
			assert.Equal(t, total-kept, model.TextItems()+model.ImageItems()-items, "only what was missing is made")
		})
	}
}

func TestCancelDuringAModelCall(t *testing.T) {
	model := embedtest.New(8, embedtest.WithDelay(time.Hour))
	embedder := newEmbedder(model, 0)
	for name, run := range map[string]func(context.Context) error{
		"texts": func(ctx context.Context) error { _, err := embedder.Texts(ctx, []string{"a"}, nil); return err },
		"pictures": func(ctx context.Context) error {
			_, err := embedder.Images(ctx, []blob.Content{picture(t, 1)}, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(20*time.Millisecond, cancel)
			assert.Equal(t, errs.Cancelled, errs.StatusOf(run(ctx)))
		})
	}
}

func TestModelFailures(t *testing.T) {
	ctx := context.Background()
	pictures := []blob.Content{picture(t, 1), picture(t, 2)}
	texts := []string{"a", "b"}

	t.Run("an error", func(t *testing.T) {
		model := embedtest.New(8)
		embedder := newEmbedder(model, 1<<20)
		broken := errors.New("out of memory")
		model.FailTexts(broken)
		model.FailImages(broken)
		_, err := embedder.Texts(ctx, texts, nil)
		assert.ErrorIs(t, err, broken)
		assert.Equal(t, errs.Internal, errs.StatusOf(err))
		_, err = embedder.Images(ctx, pictures, nil)
		assert.ErrorIs(t, err, broken)
	})
	t.Run("a vector of the wrong length", func(t *testing.T) {
		model := embedtest.New(8)
		embedder := newEmbedder(model, 1<<20)
		model.Spoil(func(v []float32) []float32 { return v[:7] })
		_, err := embedder.Texts(ctx, texts, nil)
		assert.Equal(t, errs.Internal, errs.StatusOf(err))
		assert.ErrorContains(t, err, "7 numbers instead of 8")
		_, err = embedder.Images(ctx, pictures, nil)
		assert.Equal(t, errs.Internal, errs.StatusOf(err))
		assert.Zero(t, embedder.Stats().Entries)
	})
	for name, bad := range map[string]float64{"NaN": math.NaN(), "infinity": math.Inf(-1)} {
		t.Run(name, func(t *testing.T) {
			model := embedtest.New(8)
			embedder := newEmbedder(model, 1<<20)
			spoilt := 0
			model.Spoil(func(v []float32) []float32 {
				if spoilt++; spoilt == 1 {
					v[3] = float32(bad)
				}
				return v
			})
			done, progress := counter()
			out, err := embedder.Texts(ctx, texts, progress)
			require.NoError(t, err)
			assert.Equal(t, 2, *done)
			assert.Equal(t, errs.Internal, errs.StatusOf(out[0].Err))
			assert.Nil(t, out[0].Vector)
			assert.NoError(t, out[1].Err)
			assert.EqualValues(t, 1, embedder.Stats().Entries)
		})
	}
}

func TestEmptyCalls(t *testing.T) {
	model := embedtest.New(8)
	embedder := newEmbedder(model, 0)
	texts, err := embedder.Texts(context.Background(), nil, nil)
	require.NoError(t, err)
	assert.Empty(t, texts)
	images, err := embedder.Images(context.Background(), nil, nil)
	require.NoError(t, err)
	assert.Empty(t, images)
	assert.Zero(t, model.TextCalls()+model.ImageCalls())
}

func TestTimingsAddUp(t *testing.T) {
	model := embedtest.New(8, embedtest.WithDelay(2*time.Millisecond))
	embedder := newEmbedder(model, 0)
	assert.Zero(t, embedder.Timings())
	_, err := embedder.Images(context.Background(), []blob.Content{picture(t, 1), picture(t, 2)}, nil)
	require.NoError(t, err)
	_, err = embedder.Texts(context.Background(), []string{"a"}, nil)
	require.NoError(t, err)
	timings := embedder.Timings()
	assert.Positive(t, timings.Decode)
	assert.Positive(t, timings.Preprocess)
	assert.GreaterOrEqual(t, timings.ImageInference, 2*time.Millisecond)
	assert.GreaterOrEqual(t, timings.TextInference, 2*time.Millisecond)
}

func TestConcurrentUse(t *testing.T) {
	model := embedtest.New(8)
	embedder := newEmbedder(model, 20*300) // small: entries come and go
	var pictures []blob.Content
	for i := range 30 {
		pictures = append(pictures, picture(t, i*2000))
	}
	want, err := embedder.Images(context.Background(), pictures, nil)
	require.NoError(t, err)
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for round := range 5 {
				first := (worker + round*7) % 25
				out, err := embedder.Images(context.Background(), pictures[first:first+5], nil)
				if assert.NoError(t, err) {
					for i := range out {
						assert.Equal(t, want[first+i].Vector, out[i].Vector)
					}
				}
				text := fmt.Sprint("text ", worker%4)
				texts, err := embedder.Texts(context.Background(), []string{text}, nil)
				if assert.NoError(t, err) {
					assert.Equal(t, embedtest.TextVector(text, 8), texts[0].Vector)
				}
			}
		})
	}
	group.Wait()
}
