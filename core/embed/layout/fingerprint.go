package layout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/innerspace/innerspace/core/embed/graph"
	"github.com/innerspace/innerspace/core/errs"
)

// Fingerprint identifies what the model computes: sha256 (hex) over the name, length
// and hash of each graph, weight file and tokenizer, and over the preprocessing and the
// context length as understood. Two copies of a model agree; a changed byte in any of these does not.
// It reads the files once, so it costs what hashing them costs (about 15 ms for 26 MB).
func (l *Layout) Fingerprint(ctx context.Context) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "innerspace model 1\nmax_tokens %d\npreprocessing %+v\noutputs %q %q\n",
		l.MaxTokens, l.Preprocessing, l.Text.Output, l.Image.Output)
	fmt.Fprintf(sum, "texts %d %d %q pooled %t %t\n", l.Cleaning, l.Padding, l.PadToken, l.Text.Pooled, l.Image.Pooled)
	var files []File
	for _, tower := range []Tower{l.Text, l.Image} {
		if tower.Written != nil {
			fmt.Fprintf(sum, "written %d %T %+v\n", graph.Version, tower.Written, tower.Written)
		} else if !tower.Missing() {
			files = append(files, tower.Graph)
		}
		files = append(files, tower.Weights...)
	}
	files = append(files, l.Tokenizer)
	if l.Merges != (File{}) {
		files = append(files, l.Merges)
	}
	hashed := map[string]bool{} // the towers may share their weights
	for _, file := range files {
		if hashed[file.Path] {
			continue
		}
		hashed[file.Path] = true
		length, hash, err := hashFile(ctx, file.Path)
		if err != nil {
			if ctx.Err() != nil {
				return "", errs.From(ctx.Err())
			}
			return "", openFailure(err, file.Name+" of the model directory", l.Dir)
		}
		fmt.Fprintf(sum, "%q %d %x\n", file.Name, length, hash)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func hashFile(ctx context.Context, path string) (int64, []byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, nil, err
	}
	defer file.Close()
	sum := sha256.New()
	length, err := io.CopyBuffer(sum, contextReader{ctx, file}, make([]byte, 1<<20))
	return length, sum.Sum(nil), err
}

// contextReader lets a cancel stop the hashing of a large file.
type contextReader struct {
	ctx  context.Context
	from io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}
