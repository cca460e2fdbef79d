package safetensors_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/safetensors"
	"github.com/innerspace/innerspace/core/errs"
)

// file is a safetensors file with this header and so many bytes behind it.
func file(header string, data int) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), make([]byte, data)...)
}

func write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o644))
	return path
}

const two = `{"__metadata__": {"format": "pt"}, "b": {"dtype": "F16", "shape": [3], "data_offsets": [8, 14]}, "a": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}}   `

func TestOpen(t *testing.T) {
	path := write(t, "model.safetensors", file(two, 14))
	w, err := safetensors.Open(path)
	require.NoError(t, err)
	assert.Equal(t, 2, w.Len())
	start := int64(8 + len(two))
	a, found := w.Tensor("a")
	assert.True(t, found)
	assert.Equal(t, safetensors.Tensor{Name: "a", Type: safetensors.F32, Shape: []int64{2, 1}, Path: w.Paths()[0], Offset: start, Bytes: 8}, a)
	b, _ := w.Tensor("b")
	assert.Equal(t, start+8, b.Offset)
	assert.Equal(t, safetensors.F16, b.Type)
	_, found = w.Tensor("c")
	assert.False(t, found)
}

func TestAFileOfNoTensorsAndOneOfEmptyTensors(t *testing.T) {
	w, err := safetensors.Open(write(t, "none.safetensors", file("{}", 0)))
	require.NoError(t, err)
	assert.Zero(t, w.Len())
	empty := `{"a": {"dtype": "F32", "shape": [0, 7], "data_offsets": [4, 4]}, "b": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]},
 "c": {"dtype": "I64", "shape": [0], "data_offsets": [0, 0]}}`
	w, err = safetensors.Open(write(t, "empty.safetensors", file(empty, 4)))
	require.NoError(t, err)
	scalar, _ := w.Tensor("b")
	assert.EqualValues(t, 4, scalar.Bytes)
}

// The hub's cache has links to files under their hashes; ONNX Runtime needs to be told the latter.
func TestLinksAreResolved(t *testing.T) {
	target := write(t, "3a7bd3e2360a3d29", file(two, 14))
	link := filepath.Join(t.TempDir(), "model.safetensors")
	require.NoError(t, os.Symlink(target, link))
	w, err := safetensors.Open(link)
	require.NoError(t, err)
	a, _ := w.Tensor("a")
	assert.Equal(t, "3a7bd3e2360a3d29", filepath.Base(a.Path))
}

func TestSeveralFiles(t *testing.T) {
	one := write(t, "model-00001-of-00002.safetensors", file(two, 14))
	other := write(t, "model-00002-of-00002.safetensors", file(strings.ReplaceAll(two, `"a"`, `"c"`), 14))
	_, err := safetensors.Open(one, other)
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.ErrorContains(t, err, `"b"`)
	other = write(t, "model-00002-of-00002.safetensors", file(strings.NewReplacer(`"a"`, `"c"`, `"b"`, `"d"`).Replace(two), 14))
	w, err := safetensors.Open(one, other)
	require.NoError(t, err)
	assert.Equal(t, 4, w.Len())
	c, _ := w.Tensor("c")
	assert.Equal(t, w.Paths()[1], c.Path)
}

func TestFilesThatAreRefused(t *testing.T) {
	change := func(old, new string) []byte {
		require.Contains(t, two, old)
		return file(strings.Replace(two, old, new, 1), 14)
	}
	long := binary.LittleEndian.AppendUint64(nil, 1<<63)
	whole := file(two, 14)
	for name, test := range map[string]struct {
		content []byte
		status  errs.Status
		says    string
	}{
		"empty":                            {nil, errs.InvalidInput, "cut off"},
		"seven bytes":                      {make([]byte, 7), errs.InvalidInput, "cut off"},
		"a header longer than the file":    {append(long, "{}"...), errs.InvalidInput, "9223372036854775808 bytes"},
		"a header of all the file and 1":   {binary.LittleEndian.AppendUint64(nil, 1), errs.InvalidInput, "1 bytes"},
		"a page of the web":                {[]byte("<!DOCTYPE html><html><body>not found"), errs.InvalidInput, "no safetensors file"},
		"a huge header":                    {append(binary.LittleEndian.AppendUint64(nil, safetensors.MaxHeaderBytes+1), make([]byte, safetensors.MaxHeaderBytes+1)...), errs.LimitExceeded, "at most"},
		"an empty header":                  {file("", 0), errs.InvalidInput, "header"},
		"no object":                        {file("[]", 0), errs.InvalidInput, "{"},
		"an object cut off":                {file(`{"a": {"dtype": "F32"`, 0), errs.InvalidInput, "header"},
		"an open object":                   {file(`{"__metadata__": {}`, 0), errs.InvalidInput, "header"},
		"no UTF-8":                         {change(`"a"`, "\"\xff\""), errs.InvalidInput, "UTF-8"},
		"something behind the header":      {file(`{} {}`, 0), errs.InvalidInput, "behind its end"},
		"a name twice":                     {change(`"b"`, `"a"`), errs.InvalidInput, `"a" twice`},
		"metadata twice":                   {file(`{"__metadata__": {}, "__metadata__": {}}`, 0), errs.InvalidInput, "twice"},
		"metadata of numbers":              {change(`"pt"`, `1`), errs.InvalidInput, "header"},
		"an unknown member":                {change(`"shape": [3]`, `"shape": [3], "x": 1`), errs.InvalidInput, "x"},
		"an unknown type":                  {change("F16", "F4"), errs.Unsupported, "F4"},
		"a number for a tensor":            {file(`{"a": 1}`, 0), errs.InvalidInput, "header"},
		"a shape of fractions":             {change(`[3]`, `[3.5]`), errs.InvalidInput, "header"},
		"a negative length":                {change(`[3]`, `[-3]`), errs.InvalidInput, "impossible"},
		"a shape that overflows":           {change(`[3]`, `[4611686018427387904, 4611686018427387904]`), errs.InvalidInput, "impossible"},
		"a length that overflows":          {change(`[3]`, `[99999999999999999999]`), errs.InvalidInput, "header"},
		"many dimensions":                  {change(`[3]`, `[1`+strings.Repeat(",1", 16)+`]`), errs.LimitExceeded, "17 dimensions"},
		"a shape of more than its bytes":   {change(`[3]`, `[4]`), errs.InvalidInput, "takes 8 bytes"},
		"offsets the wrong way round":      {change(`[8, 14]`, `[14, 8]`), errs.InvalidInput, "offsets"},
		"negative offsets":                 {change(`[8, 14]`, `[-6, 0]`), errs.InvalidInput, "offsets"},
		"no offsets":                       {change(`, "data_offsets": [8, 14]`, ``), errs.InvalidInput, "offsets"},
		"three offsets":                    {change(`[8, 14]`, `[8, 14, 20]`), errs.InvalidInput, "offsets"},
		"overlapping tensors":              {change(`[8, 14]`, `[7, 13]`), errs.InvalidInput, "inside the tensor before"},
		"the same bytes twice":             {change(`"F16", "shape": [3], "data_offsets": [8, 14]`, `"F32", "shape": [2], "data_offsets": [0, 8]`), errs.InvalidInput, "inside the tensor before"},
		"a hole":                           {change(`[8, 14]`, `[10, 16]`), errs.InvalidInput, "no tensor has the bytes 8 to 10"},
		"an offset behind the end":         {change(`[8, 14]`, `[9223372036854775800, 9223372036854775806]`), errs.InvalidInput, "no tensor has"},
		"cut off in the last tensor":       {whole[:len(whole)-1], errs.InvalidInput, "cut off"},
		"cut off in the header":            {whole[:40], errs.InvalidInput, "cut off"},
		"bytes behind the last tensor":     {append(file(two, 14), 0), errs.InvalidInput, "1 bytes behind"},
		"a name without end":               {change(`"a"`, `"`+strings.Repeat("a", 2000)+`"`), errs.LimitExceeded, "2000 bytes"},
		"a pickle":                         {append([]byte("PK\x03\x04"), make([]byte, 100)...), errs.InvalidInput, "no safetensors file"},
		"an object in an object, for ever": {file(strings.Repeat(`{"a":`, 100_000), 0), errs.InvalidInput, "header"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "model.safetensors", test.content)
			_, err := safetensors.Open(path)
			require.Equal(t, test.status, errs.StatusOf(err), "%v", err)
			assert.ErrorContains(t, err, test.says)
			assert.ErrorContains(t, err, "model.safetensors")
		})
	}
}

func TestTooManyTensors(t *testing.T) {
	var header strings.Builder
	header.WriteString(`{"t": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}`)
	for i := range safetensors.MaxTensors + 1 {
		fmt.Fprintf(&header, `,"%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`, i)
	}
	header.WriteString("}")
	_, err := safetensors.Open(write(t, "model.safetensors", file(header.String(), 0)))
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err), "%v", err)
}

func TestWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	_, err := safetensors.Open(filepath.Join(dir, "none.safetensors"))
	assert.Equal(t, errs.NotFound, errs.StatusOf(err))
	_, err = safetensors.Open(dir)
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	pipe := filepath.Join(dir, "pipe.safetensors")
	require.NoError(t, syscall.Mkfifo(pipe, 0o644))
	_, err = safetensors.Open(pipe) // returns rather than waits
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
}

func TestShardNames(t *testing.T) {
	names, err := safetensors.ShardNames([]byte(`{"metadata": {"total_size": 8}, "weight_map": {"a": "model-00002-of-00002.safetensors", "b": "model-00001-of-00002.safetensors", "c": "model-00002-of-00002.safetensors"}}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}, names)
	for index, status := range map[string]errs.Status{
		`nothing`: errs.InvalidInput, `{}`: errs.InvalidInput, `{"weight_map": {}}`: errs.InvalidInput, `{"weight_map": {"a": 1}}`: errs.InvalidInput,
		`{"weight_map": {"a": "../model.safetensors"}}`: errs.Forbidden, `{"weight_map": {"a": "/model.safetensors"}}`: errs.Forbidden,
		`{"weight_map": {"a": "x/model.safetensors"}}`: errs.Forbidden, `{"weight_map": {"a": "x\\model.safetensors"}}`: errs.Forbidden,
		`{"weight_map": {"a": ".safetensors"}}`: errs.Forbidden, `{"weight_map": {"a": "C:model.safetensors"}}`: errs.Forbidden,
		`{"weight_map": {"a": "model.bin"}}`: errs.Forbidden, `{"weight_map": {"a": "model.safetensors\n"}}`: errs.Forbidden, `{"weight_map": {"a": ""}}`: errs.Forbidden,
	} {
		_, err := safetensors.ShardNames([]byte(index))
		assert.Equal(t, status, errs.StatusOf(err), "%s: %v", index, err)
	}
	var many strings.Builder
	many.WriteString(`{"weight_map": {"a": "a.safetensors"`)
	for i := range 1100 {
		fmt.Fprintf(&many, `, "%d": "%d.safetensors"`, i, i)
	}
	_, err = safetensors.ShardNames([]byte(many.String() + "}}"))
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err))
}
