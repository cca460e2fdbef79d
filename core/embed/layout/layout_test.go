package layout_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/embed/layout"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

func TestReadTheEmbeddedModel(t *testing.T) {
	dir := embedtest.EmbeddedModel(t)
	l, err := layout.Read(dir, layout.Choice{})
	require.NoError(t, err)
	mean, std := 127.0/255, 128.0/255
	assert.Equal(t, "innerspace", l.Format)
	assert.Equal(t, "innerspace-default", l.Name)
	assert.Equal(t, 384, l.Dimension)
	assert.Equal(t, 128, l.MaxTokens)
	assert.Equal(t, "image.onnx", l.Image.Graph.Name)
	assert.Equal(t, "text.onnx", l.Text.Graph.Name)
	assert.Equal(t, "embedding", l.Text.Output)
	assert.Equal(t, filepath.Join(dir, "tokenizer.json"), l.Tokenizer.Path)
	assert.Equal(t, imaging.Preprocessing{
		Resize: imaging.ShortestSide, Size: 224, Filter: imaging.Bicubic, Width: 224, Height: 224, Rescale: 1.0 / 255,
		Mean: [3]float64{mean, mean, mean}, Std: [3]float64{std, std, std},
	}, l.Preprocessing)
}

func TestReadTinyCLIP(t *testing.T) {
	l, err := layout.Read(embedtest.TinyCLIP(t), layout.Choice{})
	require.NoError(t, err)
	assert.Equal(t, "transformers.js", l.Format)
	assert.Equal(t, "tiny-clip", l.Name)
	assert.Equal(t, 64, l.Dimension)
	assert.Equal(t, 77, l.MaxTokens)
	assert.Equal(t, "onnx/vision_model.onnx", l.Image.Graph.Name)
	assert.Equal(t, clipPreprocessing(), l.Preprocessing)
}

func clipPreprocessing() imaging.Preprocessing {
	return imaging.Preprocessing{
		Resize: imaging.ShortestSide, Size: 224, Filter: imaging.Bicubic, Width: 224, Height: 224, Rescale: 1.0 / 255,
		Mean: [3]float64{0.48145466, 0.4578275, 0.40821073}, Std: [3]float64{0.26862954, 0.26130258, 0.27577711},
	}
}

// write makes a directory of files; what is in changes replaces or, where empty, removes.
func write(t testing.TB, files, changes map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if changed, found := changes[name]; found {
			content = changed
		}
		if content != "" {
			put(t, dir, name, content)
		}
	}
	for name, content := range changes {
		if _, found := files[name]; !found {
			put(t, dir, name, content)
		}
	}
	return dir
}

func put(t testing.TB, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}

var clipFiles = map[string]string{
	"onnx/text_model.onnx": "graph", "onnx/vision_model.onnx": "graph", "tokenizer.json": "{}",
	"config.json":              `{"model_type": "clip", "projection_dim": 64, "text_config": {"max_position_embeddings": 77}}`,
	"preprocessor_config.json": `{"size": 224, "crop_size": 224, "resample": 3}`,
}

const nativeJSON = `{"name": "n", "dimension": 4,
 "image": {"file": "image.onnx", "output": "e", "preprocessing": {"mode": "RGB", "resize": "shortest side to 20, bicubic with antialias",
  "crop": "centre 16x16", "scale": "x/255", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}},
 "text": {"file": "text.onnx", "output": "e", "max_tokens": 16}}`

var nativeFiles = map[string]string{"model.json": nativeJSON, "image.onnx": "graph", "text.onnx": "graph", "tokenizer.json": "{}"}

func TestCalibration(t *testing.T) {
	l, err := layout.Read(write(t, nativeFiles, nil), layout.Choice{})
	require.NoError(t, err)
	assert.Nil(t, l.Calibration)

	with := strings.Replace(nativeJSON, `"dimension"`, `"calibration": {"text_to_image": {"cosines": [0.1, 0.3], "scores": [0.2, 0.8]}}, "dimension"`, 1)
	calibrated, err := layout.Read(write(t, nativeFiles, map[string]string{"model.json": with}), layout.Choice{})
	require.NoError(t, err)
	require.NotNil(t, calibrated.Calibration)
	assert.Nil(t, calibrated.Calibration.TextToText)
	assert.InDelta(t, 0.5, calibrated.Calibration.TextToImage.Score(0.2), 1e-12)

	one, err := l.Fingerprint(context.Background())
	require.NoError(t, err)
	other, err := calibrated.Fingerprint(context.Background())
	require.NoError(t, err)
	assert.Equal(t, one, other, "a calibration changes no vector")
}

func TestPreprocessorConfig(t *testing.T) {
	clip := clipPreprocessing()
	change := func(edit func(*imaging.Preprocessing)) imaging.Preprocessing {
		p := clip
		edit(&p)
		return p
	}
	for name, test := range map[string]struct {
		config string
		want   imaging.Preprocessing
	}{
		"empty takes the processor's defaults": {`{}`, clip},
		"numbers":                              {`{"size": 336, "crop_size": 300}`, change(func(p *imaging.Preprocessing) { p.Size, p.Width, p.Height = 336, 300, 300 })},
		"dictionaries": {`{"size": {"shortest_edge": 336}, "crop_size": {"height": 300, "width": 200}}`,
			change(func(p *imaging.Preprocessing) { p.Size, p.Width, p.Height = 336, 200, 300 })},
		"height and width squash": {`{"size": {"height": 200, "width": 300}, "do_center_crop": false}`,
			change(func(p *imaging.Preprocessing) { p.Resize, p.Size, p.Width, p.Height = imaging.Squash, 0, 300, 200 })},
		"filter":           {`{"resample": 2}`, change(func(p *imaging.Preprocessing) { p.Filter = imaging.Bilinear })},
		"no rescale":       {`{"do_rescale": false}`, change(func(p *imaging.Preprocessing) { p.Rescale = 1 })},
		"rescale factor":   {`{"rescale_factor": 0.5}`, change(func(p *imaging.Preprocessing) { p.Rescale = 0.5 })},
		"no normalisation": {`{"do_normalize": false}`, change(func(p *imaging.Preprocessing) { p.Mean, p.Std = [3]float64{}, [3]float64{1, 1, 1} })},
		"mean and std":     {`{"image_mean": [1, 2, 3], "image_std": [4, 5, 6]}`, change(func(p *imaging.Preprocessing) { p.Mean, p.Std = [3]float64{1, 2, 3}, [3]float64{4, 5, 6} })},
		"byte order mark":  {"\xef\xbb\xbf{}", clip},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := layout.Read(write(t, clipFiles, map[string]string{"preprocessor_config.json": test.config}), layout.Choice{})
			require.NoError(t, err)
			assert.Equal(t, test.want, l.Preprocessing)
		})
	}
}

func TestMaxTokens(t *testing.T) {
	for name, test := range map[string]struct {
		config, tokenizer string
		want              int
	}{
		"config":                {`{"text_config": {"max_position_embeddings": 32}}`, "", 32},
		"neither":               {`{}`, "", 77},
		"tokenizer is shorter":  {`{"text_config": {"max_position_embeddings": 77}}`, `{"model_max_length": 64}`, 64},
		"tokenizer is longer":   {`{"text_config": {"max_position_embeddings": 77}}`, `{"model_max_length": 512}`, 77},
		"tokenizer knows not":   {`{"text_config": {"max_position_embeddings": 77}}`, `{"model_max_length": 1000000000000000019884624838656}`, 77},
		"tokenizer is silent":   {`{"text_config": {"max_position_embeddings": 77}}`, `{}`, 77},
		"the tokenizer decides": {`{}`, `{"model_max_length": 20}`, 20},
	} {
		t.Run(name, func(t *testing.T) {
			changes := map[string]string{"config.json": test.config}
			if test.tokenizer != "" {
				changes["tokenizer_config.json"] = test.tokenizer
			}
			l, err := layout.Read(write(t, clipFiles, changes), layout.Choice{})
			require.NoError(t, err)
			assert.Equal(t, test.want, l.MaxTokens)
		})
	}
}

func TestSquashInModelJSON(t *testing.T) {
	squash := strings.NewReplacer("shortest side to 20, bicubic", "squash to 30x20, lanczos", "centre 16x16", "none", `"x/255"`, `"x"`).Replace(nativeJSON)
	l, err := layout.Read(write(t, nativeFiles, map[string]string{"model.json": squash}), layout.Choice{})
	require.NoError(t, err)
	assert.Equal(t, imaging.Preprocessing{
		Resize: imaging.Squash, Filter: imaging.Lanczos, Width: 30, Height: 20, Rescale: 1,
		Mean: [3]float64{0.5, 0.5, 0.5}, Std: [3]float64{0.5, 0.5, 0.5},
	}, l.Preprocessing)
}

func TestRefusals(t *testing.T) {
	native := func(old, new string) map[string]string {
		require.Contains(t, nativeJSON, old)
		return map[string]string{"model.json": strings.Replace(nativeJSON, old, new, 1)}
	}
	processor := func(config string) map[string]string { return map[string]string{"preprocessor_config.json": config} }
	config := func(config string) map[string]string { return map[string]string{"config.json": config} }
	for name, test := range map[string]struct {
		files, changes map[string]string
		status         errs.Status
		says           []string
	}{
		"an empty directory": {nil, nil, errs.NotFound, []string{"it holds no files", "model.json", "onnx/text_model.onnx"}},
		"something else":     {nil, map[string]string{"model.safetensors": "x", "0_CLIPModel/config.json": "{}"}, errs.NotFound, []string{"model.safetensors", "0_CLIPModel/config.json", "looked for"}},
		"no text graph":      {clipFiles, map[string]string{"onnx/text_model.onnx": "", "onnx/text_model_int8.onnx": "x"}, errs.NotFound, []string{"onnx/text_model.onnx", "onnx/text_model_int8.onnx"}},
		"no image graph":     {clipFiles, map[string]string{"onnx/vision_model.onnx": ""}, errs.NotFound, []string{"onnx/vision_model.onnx"}},
		"no tokenizer":       {clipFiles, map[string]string{"tokenizer.json": ""}, errs.NotFound, []string{"tokenizer.json", "it holds"}},
		"no config":          {clipFiles, map[string]string{"config.json": ""}, errs.NotFound, []string{"config.json"}},
		"no preprocessor":    {clipFiles, map[string]string{"preprocessor_config.json": ""}, errs.NotFound, []string{"preprocessor_config.json"}},
		"garbage JSON":       {clipFiles, config("\x00\x01 garbage"), errs.InvalidInput, []string{"config.json"}},
		"truncated JSON":     {clipFiles, processor(`{"size": 2`), errs.InvalidInput, []string{"preprocessor_config.json"}},
		"a wrong type":       {clipFiles, config(`{"projection_dim": "64"}`), errs.InvalidInput, []string{"config.json", "projection_dim"}},
		"a size of words":    {clipFiles, processor(`{"size": "large"}`), errs.InvalidInput, []string{"preprocessor_config.json"}},
		"another family":     {clipFiles, config(`{"model_type": "align"}`), errs.Unsupported, []string{"align", "siglip"}},
		"no tokens":          {clipFiles, config(`{"text_config": {"max_position_embeddings": 1}}`), errs.InvalidInput, []string{"max_position_embeddings"}},
		"half a token":       {clipFiles, map[string]string{"tokenizer_config.json": `{"model_max_length": 7.5}`}, errs.InvalidInput, []string{"model_max_length"}},
		"negative tokens":    {clipFiles, map[string]string{"tokenizer_config.json": `{"model_max_length": -1e30}`}, errs.InvalidInput, []string{"tokenizer_config.json"}},
		"huge pictures":      {clipFiles, processor(`{"size": 100000, "crop_size": 100000}`), errs.InvalidInput, []string{"100000"}},
		"negative pictures":  {clipFiles, processor(`{"size": {"height": -5, "width": 5}}`), errs.InvalidInput, []string{"-5"}},
		"an empty size":      {clipFiles, processor(`{"size": {}}`), errs.InvalidInput, []string{"shortest_edge"}},
		"no resize":          {clipFiles, processor(`{"do_resize": false}`), errs.Unsupported, []string{"do_resize"}},
		"no crop":            {clipFiles, processor(`{"do_center_crop": false}`), errs.Unsupported, []string{"do_center_crop"}},
		"box filter":         {clipFiles, processor(`{"resample": 4}`), errs.Unsupported, []string{"resample is 4"}},
		"two channels":       {clipFiles, processor(`{"image_mean": [0.5, 0.5]}`), errs.InvalidInput, []string{"image_mean"}},
		"zero deviation":     {clipFiles, processor(`{"image_std": [0.5, 0, 0.5]}`), errs.InvalidInput, []string{"deviation"}},
		"negative rescale":   {clipFiles, processor(`{"rescale_factor": -1}`), errs.InvalidInput, []string{"-1"}},
		"an empty graph":     {clipFiles, map[string]string{"onnx/text_model.onnx": "", "onnx/text_model.onnx/x": "x"}, errs.InvalidInput, []string{"onnx/text_model.onnx"}},

		"model.json: garbage":     {nativeFiles, map[string]string{"model.json": "garbage"}, errs.InvalidInput, []string{"model.json"}},
		"model.json: a list":      {nativeFiles, map[string]string{"model.json": "[]"}, errs.InvalidInput, []string{"model.json"}},
		"model.json: no file":     {nativeFiles, native(`"image.onnx"`, `""`), errs.InvalidInput, []string{"image.file"}},
		"model.json: missing":     {nativeFiles, native(`"image.onnx"`, `"picture.onnx"`), errs.NotFound, []string{"picture.onnx", "image.onnx"}},
		"model.json: absolute":    {nativeFiles, native(`"image.onnx"`, `"/etc/passwd"`), errs.Forbidden, []string{"image.file", "/etc/passwd"}},
		"model.json: above":       {nativeFiles, native(`"text.onnx"`, `"../text.onnx"`), errs.Forbidden, []string{"text.file"}},
		"model.json: roundabout":  {nativeFiles, native(`"text.onnx"`, `"a/../../text.onnx"`), errs.Forbidden, []string{"text.file"}},
		"model.json: backslashes": {nativeFiles, native(`"text.onnx"`, `"..\\text.onnx"`), errs.Forbidden, []string{"text.file"}},
		"model.json: dimension":   {nativeFiles, native(`"dimension": 4`, `"dimension": 0`), errs.InvalidInput, []string{"dimension"}},
		"model.json: calibration": {nativeFiles, native(`"dimension"`, `"calibration": {"image_to_image": {"cosines": [0, 1], "scores": [1, 0]}}, "dimension"`), errs.InvalidInput, []string{"calibration", "image_to_image", "knot 1"}},
		"model.json: tokens":      {nativeFiles, native(`"max_tokens": 16`, `"max_tokens": 2`), errs.InvalidInput, []string{"max_tokens"}},
		"model.json: mode":        {nativeFiles, native(`"RGB"`, `"BGR"`), errs.Unsupported, []string{"BGR"}},
		"model.json: resize":      {nativeFiles, native("shortest side", "longest side"), errs.Unsupported, []string{"longest side"}},
		"model.json: filter":      {nativeFiles, native("bicubic", "hamming"), errs.Unsupported, []string{"hamming"}},
		"model.json: crop":        {nativeFiles, native("centre", "top left"), errs.Unsupported, []string{"top left"}},
		"model.json: scale":       {nativeFiles, native("x/255", "x/127.5-1"), errs.Unsupported, []string{"x/127.5-1"}},
		"model.json: size":        {nativeFiles, native("side to 20", "side to 0"), errs.InvalidInput, []string{"0 pixels"}},
		"model.json: deviation":   {nativeFiles, native(`"std": [0.5`, `"std": [0`), errs.InvalidInput, []string{"deviation"}},
		"model.json: NaN":         {nativeFiles, native(`"std": [0.5`, `"std": [NaN`), errs.InvalidInput, []string{"model.json"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := layout.Read(write(t, test.files, test.changes), layout.Choice{})
			require.Error(t, err)
			assert.Equal(t, test.status, errs.StatusOf(err), "%v", err)
			for _, says := range test.says {
				assert.ErrorContains(t, err, says)
			}
		})
	}
}

func TestWhatIsNoDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "model.onnx")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o644))
	for path, status := range map[string]errs.Status{
		"": errs.InvalidInput, file: errs.InvalidInput, filepath.Join(t.TempDir(), "none"): errs.NotFound, "a\x00b": errs.InvalidInput,
	} {
		_, err := layout.Read(path, layout.Choice{})
		assert.Equal(t, status, errs.StatusOf(err), "%q: %v", path, err)
	}
}

func TestCaps(t *testing.T) {
	dir := write(t, clipFiles, map[string]string{"config.json": strings.Repeat(" ", layout.MaxConfigBytes) + "{}"})
	_, err := layout.Read(dir, layout.Choice{})
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err), "%v", err)

	for name, size := range map[string]int64{"tokenizer.json": layout.MaxTokenizerBytes + 1, "onnx/text_model.onnx": layout.MaxGraphBytes + 1} {
		dir := write(t, clipFiles, nil)
		require.NoError(t, os.Truncate(filepath.Join(dir, name), size)) // sparse: takes no room
		_, err := layout.Read(dir, layout.Choice{})
		assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err), "%v", err)
		assert.ErrorContains(t, err, name)
	}
}

func TestEmptyFilesAndPipes(t *testing.T) {
	dir := write(t, clipFiles, nil)
	require.NoError(t, os.Truncate(filepath.Join(dir, "onnx/text_model.onnx"), 0))
	_, err := layout.Read(dir, layout.Choice{})
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.ErrorContains(t, err, "onnx/text_model.onnx")

	dir = write(t, clipFiles, map[string]string{"config.json": ""})
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "config.json"), 0o644))
	_, err = layout.Read(dir, layout.Choice{}) // would wait for a writer for ever
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
}

// What a clone without Git LFS has in the place of its large files.
func TestPointersOfGitLFS(t *testing.T) {
	const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
	for _, name := range []string{"onnx/text_model.onnx", "onnx/vision_model.onnx", "tokenizer.json"} {
		_, err := layout.Read(write(t, clipFiles, map[string]string{name: pointer}), layout.Choice{})
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
		assert.ErrorContains(t, err, name)
		assert.ErrorContains(t, err, "git lfs pull")
	}
}

func TestLinks(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "blob")
	require.NoError(t, os.WriteFile(outside, []byte("graph"), 0o644))

	dir := write(t, clipFiles, map[string]string{"onnx/text_model.onnx": ""})
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "onnx/text_model.onnx")))
	_, err := layout.Read(dir, layout.Choice{})
	assert.NoError(t, err, "snapshots of the Hugging Face cache are links")

	dir = write(t, nativeFiles, map[string]string{"text.onnx": ""})
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "text.onnx")))
	_, err = layout.Read(dir, layout.Choice{})
	assert.Equal(t, errs.Forbidden, errs.StatusOf(err), "%v", err)

	dir = write(t, nativeFiles, map[string]string{"text.onnx": ""})
	require.NoError(t, os.Symlink("image.onnx", filepath.Join(dir, "text.onnx")))
	_, err = layout.Read(dir, layout.Choice{})
	assert.NoError(t, err, "a link inside the directory")

	real := write(t, nativeFiles, nil)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(real, link))
	one, err := layout.Read(real, layout.Choice{})
	require.NoError(t, err)
	two, err := layout.Read(link, layout.Choice{})
	require.NoError(t, err)
	assert.Equal(t, one.Dir, two.Dir, "one directory, one identity")
}

func TestFingerprint(t *testing.T) {
	ctx := context.Background()
	fingerprint := func(files, changes map[string]string) string {
		t.Helper()
		l, err := layout.Read(write(t, files, changes), layout.Choice{})
		require.NoError(t, err)
		sum, err := l.Fingerprint(ctx)
		require.NoError(t, err)
		assert.Len(t, sum, 64)
		return sum
	}
	base := fingerprint(nativeFiles, nil)
	assert.Equal(t, base, fingerprint(nativeFiles, nil), "another copy is the same model")
	assert.Equal(t, base, fingerprint(nativeFiles, map[string]string{"README.md": "x"}))
	assert.Equal(t, base, fingerprint(nativeFiles, map[string]string{"model.json": strings.Replace(nativeJSON, `"name": "n"`, `"name": "renamed"`, 1)}))

	seen := map[string]string{base: "base"}
	for name, changes := range map[string]map[string]string{
		"graph":         {"text.onnx": "graph2"},
		"other graph":   {"image.onnx": "graph2"},
		"external data": {"text.onnx_data": "weights"},
		"tokenizer":     {"tokenizer.json": "{ }"},
		"crop":          {"model.json": strings.Replace(nativeJSON, "16x16", "15x15", 1)},
		"mean":          {"model.json": strings.Replace(nativeJSON, "[0.5", "[0.25", 1)},
		"tokens":        {"model.json": strings.Replace(nativeJSON, `"max_tokens": 16`, `"max_tokens": 15`, 1)},
		"output":        {"model.json": strings.Replace(nativeJSON, `"output": "e"`, `"output": "f"`, 1)},
	} {
		sum := fingerprint(nativeFiles, changes)
		assert.Empty(t, seen[sum], name)
		seen[sum] = name
	}

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	l, err := layout.Read(write(t, nativeFiles, nil), layout.Choice{})
	require.NoError(t, err)
	_, err = l.Fingerprint(cancelled)
	assert.Equal(t, errs.Cancelled, errs.StatusOf(err))
	require.NoError(t, os.Remove(l.Text.Graph.Path))
	_, err = l.Fingerprint(ctx)
	assert.Equal(t, errs.NotFound, errs.StatusOf(err))
}

// Whatever the JSON files hold, the answer is a usable layout or a plain error.
func FuzzRead(f *testing.F) {
	f.Add(nativeJSON, clipFiles["config.json"], clipFiles["preprocessor_config.json"], `{"model_max_length": 77}`, true)
	f.Add("{", "{", "{", "{", false)
	f.Add("", `{"text_config": null}`, `{"size": {"shortest_edge": 224}, "crop_size": {"height": 1, "width": 2}}`, `{"model_max_length": 1e400}`, false)
	f.Fuzz(func(t *testing.T, model, config, processor, tokenizer string, native bool) {
		files := clipFiles
		changes := map[string]string{"config.json": config, "preprocessor_config.json": processor, "tokenizer_config.json": tokenizer}
		if native {
			files, changes = nativeFiles, map[string]string{"model.json": model}
		}
		l, err := layout.Read(write(t, files, changes), layout.Choice{})
		if err != nil {
			var typed *errs.Error
			require.ErrorAs(t, err, &typed)
			assert.NotEqual(t, errs.Internal, typed.Status)
			return
		}
		assert.GreaterOrEqual(t, l.MaxTokens, 3)
		assert.Positive(t, l.Preprocessing.TensorLen())
		for _, file := range []layout.File{l.Text.Graph, l.Image.Graph, l.Tokenizer} {
			relative, err := filepath.Rel(l.Dir, file.Path)
			require.NoError(t, err)
			assert.True(t, filepath.IsLocal(relative), file.Path)
		}
		_, err = json.Marshal(l.Preprocessing) // no number that is none
		assert.NoError(t, err)
	})
}
