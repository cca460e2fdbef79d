package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
)

// described is a put of n rows with one description.
func described(n int, description string) []row {
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{"id": fmt.Sprint(i), "description": description}
	}
	return rows
}

// TestAQuerySeesAllOfAPutOrNothing searches while puts replace all rows at once: all scores of a result are equal.
func TestAQuerySeesAllOfAPutOrNothing(t *testing.T) {
	e, _ := open(t, definition)
	prepared, err := e.Prepare([]byte(byImageAndText))
	require.NoError(t, err)
	var group sync.WaitGroup
	group.Go(func() {
		for i := range 40 {
			put(t, e, engine.PutOptions{}, described(50, fmt.Sprint("version ", i))...)
		}
	})
	for range 2 {
		group.Go(func() {
			for range 100 {
				result, err := prepared.Run(context.Background(), scalars("text", "version 7"))
				assert.NoError(t, err)
				assert.Contains(t, []int{0, 50}, len(result.Rows))
				for _, row := range result.Rows {
					assert.Equal(t, result.Rows[0].Score, row.Score)
					assert.Equal(t, result.Rows[0].Values[1], row.Values[1])
				}
			}
		})
	}
	group.Wait()
}

// TestEverythingAtOnce is for the race detector; afterwards fields and vectors of each row must belong together.
func TestEverythingAtOnce(t *testing.T) {
	e, _ := open(t, definition)
	prepared, err := e.Prepare([]byte(byImageAndText))
	require.NoError(t, err)
	var group sync.WaitGroup
	for worker := range 3 {
		group.Go(func() {
			for i := range 15 {
				options := engine.PutOptions{Partial: []engine.Partial{engine.Reset, engine.Merge}[i%2]}
				put(t, e, options, described(8, fmt.Sprint("by ", worker, " round ", i))...)
				put(t, e, engine.PutOptions{Partial: engine.Merge}, row{"id": "0", "image": picture(red)})
			}
		})
	}
	group.Go(func() {
		for i := range 60 {
			_, _, err := e.Delete(context.Background(), "Image", []string{fmt.Sprint(i % 8)})
			assert.NoError(t, err)
			e.Describe()
		}
	})
	group.Go(func() {
		for range 60 {
			_, err := prepared.Run(context.Background(), scalars("text", "by 1 round 3"))
			assert.NoError(t, err)
			_, err = e.Embed(context.Background(), "space", engine.EmbedInput{Texts: []string{"x"}}, nil)
			assert.NoError(t, err)
		}
	})
	group.Wait()
	result := run(t, e, byImageAndText, engine.Params{})
	for i, found := range result.Rows {
		if found.ID == "0" {
			continue // it may have an image too
		}
		text := result.Rows[i].Values[1].Text
		byText := run(t, e, byImageAndText, scalars("text", text))
		assert.InDelta(t, 1, scores(byText)[found.ID], 1e-6, "row %s", found.ID)
	}
}

// TestMergesOfOneRowDoNotLoseEachOther: while one merge embeds, another commits; the first then takes the other's field into account.
func TestMergesOfOneRowDoNotLoseEachOther(t *testing.T) {
	e, fake := open(t, definition)
	put(t, e, engine.PutOptions{}, row{"id": "p", "description": "old"})
	fake.SetDelay(50 * time.Millisecond)
	var group sync.WaitGroup
	for _, r := range []row{{"id": "p", "image": picture(red)}, {"id": "p", "description": "new"}} {
		group.Go(func() { put(t, e, engine.PutOptions{Partial: engine.Merge}, r) })
	}
	group.Wait()
	fake.SetDelay(0)
	fresh, _ := open(t, definition)
	put(t, fresh, engine.PutOptions{}, row{"id": "p", "image": picture(red), "description": "new"})
	query := scalars("text", "new")
	assert.InDelta(t, scores(run(t, fresh, byImageAndText, query))["p"], scores(run(t, e, byImageAndText, query))["p"], 1e-6)
	assert.Contains(t, fields(run(t, e, byImageAndText, query))["p"], "description=new")
}

func TestACancelledPutStoresNothing(t *testing.T) {
	e, fake := open(t, definition)
	put(t, e, engine.PutOptions{}, row{"id": "before", "description": "kept"})
	fake.SetDelay(time.Minute)
	ctx, cancel := context.WithCancel(context.Background())
	failed := make(chan error, 1)
	go func() {
		report, err := e.Put(ctx, stream(batch(described(3, "never")...)), engine.PutOptions{Schema: "Image"}, nil)
		assert.Nil(t, report)
		failed <- err
	}()
	for fake.TextCalls() < 2 { // the put is inside the model now
		time.Sleep(time.Millisecond)
	}
	cancel()
	select {
	case err := <-failed:
		assert.Equal(t, errs.Cancelled, errs.StatusOf(err))
		assert.ErrorIs(t, err, context.Canceled)
	case <-time.After(10 * time.Second):
		require.Fail(t, "the put did not stop")
	}
	fake.SetDelay(0)
	assert.Equal(t, []string{"before"}, ids(run(t, e, byImageAndText, scalars("text", "kept"))))

	_, err := e.Put(ctx, stream(batch(described(3, "never")...)), engine.PutOptions{Schema: "Image"}, nil)
	assert.Equal(t, errs.Cancelled, errs.StatusOf(err))
	prepared, err := e.Prepare([]byte(byImageAndText))
	require.NoError(t, err)
	_, err = prepared.Run(ctx, scalars("text", "x"))
	assert.Equal(t, errs.Cancelled, errs.StatusOf(err))
	_, _, err = e.Delete(ctx, "Image", []string{"before"})
	assert.Equal(t, errs.Cancelled, errs.StatusOf(err))
	_, err = e.Embed(ctx, "space", engine.EmbedInput{Texts: []string{"new text"}}, nil)
	assert.Equal(t, errs.Cancelled, errs.StatusOf(err))
}

// TestEmbeddingsOfARefusedPutAreInTheCache: the next try embeds only what is new.
func TestEmbeddingsOfARefusedPutAreInTheCache(t *testing.T) {
	fake := embedtest.New(32, embedtest.WithFingerprint("refused put"))
	e, err := engine.Open(context.Background(), []byte(strings.Replace(definition, `"embedding_cache_bytes": 0`, `"embedding_cache_bytes": 1000000`, 1)),
		engine.WithModelLoader(models{"fake": fake}.load))
	require.NoError(t, err)
	defer e.Close()
	rows := []row{{"id": "a", "image": picture(green)}, {"id": "b", "description": "words"}, {"id": "c", "image": []byte("junk")}}
	_, err = e.Put(context.Background(), stream(batch(rows...)), engine.PutOptions{Schema: "Image"}, nil)
	require.Error(t, err)
	before := fake.ImageItems() + fake.TextItems()
	assert.Equal(t, 2, before)
	put(t, e, engine.PutOptions{}, rows[:2]...)
	assert.Equal(t, before, fake.ImageItems()+fake.TextItems())
	assert.True(t, e.Describe().Cache.Enabled)
	assert.Positive(t, e.Describe().Cache.Hits)
}

func TestAFailingModelEndsTheCall(t *testing.T) {
	e, fake := open(t, definition)
	prepared, err := e.Prepare([]byte(byImageAndText))
	require.NoError(t, err)
	fake.FailTexts(errs.New(errs.Internal, "out of order"))
	fake.FailImages(errors.New("broken"))
	_, err = e.Put(context.Background(), stream(batch(described(1, "x")...)), engine.PutOptions{Schema: "Image", OnError: engine.Skip}, nil)
	assert.ErrorContains(t, err, "out of order")
	_, err = prepared.Run(context.Background(), scalars("text", "x"))
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	_, err = prepared.Run(context.Background(), imageParam("image", picture(red)))
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	fake.FailTexts(nil)
	put(t, e, engine.PutOptions{}, described(1, "x")...)
}

func TestCloseWaitsAndThenNothingWorks(t *testing.T) {
	fake := embedtest.New(32)
	e, err := engine.Open(context.Background(), []byte(definition), engine.WithModelLoader(models{"fake": fake}.load))
	require.NoError(t, err)
	prepared, err := e.Prepare([]byte(byImageAndText))
	require.NoError(t, err)
	inside, let := make(chan struct{}), make(chan struct{})
	rows := &batches{before: func(int) error {
		close(inside)
		<-let
		return nil
	}}
	put := make(chan error, 1)
	go func() {
		_, err := e.Put(context.Background(), rows, engine.PutOptions{Schema: "Image"}, nil)
		put <- err
	}()
	<-inside
	closed := make(chan error, 2)
	for range 2 {
		go func() { closed <- e.Close() }()
	}
	for !e.Describe().Closed {
		time.Sleep(time.Millisecond)
	}
	select {
	case <-closed:
		require.Fail(t, "Close did not wait for the put")
	case <-time.After(20 * time.Millisecond):
	}
	assert.False(t, fake.Closed())
	close(let)
	assert.NoError(t, <-put, "the call in flight finishes")
	assert.NoError(t, <-closed)
	assert.NoError(t, <-closed)
	assert.NoError(t, e.Close())
	assert.True(t, fake.Closed())

	ctx := context.Background()
	for name, call := range map[string]func() error{
		"put":     func() error { _, err := e.Put(ctx, stream(), engine.PutOptions{Schema: "Image"}, nil); return err },
		"delete":  func() error { _, _, err := e.Delete(ctx, "Image", nil); return err },
		"prepare": func() error { _, err := e.Prepare([]byte(byImageAndText)); return err },
		"run":     func() error { _, err := prepared.Run(ctx, engine.Params{}); return err },
		"embed":   func() error { _, err := e.Embed(ctx, "space", engine.EmbedInput{}, nil); return err },
	} {
		assert.Equal(t, errs.InvalidState, errs.StatusOf(call()), name)
	}
}
