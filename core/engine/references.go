package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// reference says where a picture lies that a store does not keep, and what it was when it was put.
type reference struct {
	Location string `json:"location"` // an absolute path or a URL
	SHA256   string `json:"sha256"`
	Bytes    int    `json:"bytes"`
}

// referenceTo makes the value of a picture that is kept where it came from. What came from nowhere cannot be.
func referenceTo(content blob.Content) (schema.Value, error) {
	if content.Location == "" {
		return schema.Value{}, errs.New(errs.InvalidInput,
			`the store keeps where pictures lie and not their bytes (images="reference"), and this one (%s) is no file and has no URL; save it and give its path, or open the store with images="keep"`,
			content.Origin)
	}
	sum := sha256.Sum256(content.Encoded)
	text, err := json.Marshal(reference{content.Location, hex.EncodeToString(sum[:]), len(content.Encoded)})
	if err != nil {
		return schema.Value{}, errs.Wrap(err, errs.Internal, "the reference to a picture cannot be written: %v", err)
	}
	return schema.ReferencedBlob(content.Encoded, string(text)), nil
}

// isElsewhere says whether a value is a picture whose bytes have yet to be fetched.
func isElsewhere(value schema.Value, kind schema.Type) bool {
	return kind == schema.Blob && value.Present && value.Blob == nil && value.Text != ""
}

// fetchReferenced gets the bytes of a picture, which must be those that were put.
func (e *Engine) fetchReferenced(ctx context.Context, text string) ([]byte, error) {
	var to reference
	if err := json.Unmarshal([]byte(text), &to); err != nil {
		return nil, errs.New(errs.InvalidInput, "the store does not say where the picture lies: %v", err)
	}
	kind := blob.Path
	if strings.HasPrefix(to.Location, "http://") || strings.HasPrefix(to.Location, "https://") {
		kind = blob.Text
	}
	content, err := e.resolver.Resolve(ctx, blob.Value{Kind: kind, Data: []byte(to.Location)})
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(content.Encoded); hex.EncodeToString(sum[:]) != to.SHA256 {
		return nil, errs.New(errs.NotFound, "%s is not the picture that was put: it has %d bytes, the one put had %d, and another hash. Put the row again",
			content.Origin, len(content.Encoded), to.Bytes)
	}
	return content.Encoded, nil
}

// elsewhere is a picture to be fetched.
type elsewhere struct {
	value *schema.Value
	// failed is told why the picture cannot be had. Calls come one at a time, in order of the pictures.
	failed func(error)
}

// fetchAll gets the bytes of pictures, a few at the same time.
func (e *Engine) fetchAll(ctx context.Context, pictures []elsewhere) error {
	failures := make([]error, len(pictures))
	next := make(chan int)
	var group sync.WaitGroup
	for range min(resolveWorkers, len(pictures)) {
		group.Go(func() {
			for i := range next {
				failures[i] = errs.Contain("reading the picture", func() error {
					encoded, err := e.fetchReferenced(ctx, pictures[i].value.Text)
					if err == nil {
						*pictures[i].value = schema.ReferencedBlob(encoded, pictures[i].value.Text)
					}
					return err
				})
			}
		})
	}
	for i := range pictures {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	group.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, failure := range failures {
		if failure != nil {
			pictures[i].failed(failure)
		}
	}
	return nil
}

// fetchStored gets the pictures that the stored rows of a merge add, where a space reads them.
func (p *putting) fetchStored(ctx context.Context, rows []*stagedRow) error {
	var pictures []elsewhere
	for position, field := range p.table.schema.Fields {
		if !p.table.uses[field.Name] {
			continue
		}
		for _, row := range rows {
			if row.stored == nil || row.given[position].Present || !isElsewhere(row.stored[position], field.Type) {
				continue
			}
			pictures = append(pictures, elsewhere{&row.stored[position], func(err error) {
				reason := errs.From(err)
				p.refuse(row, field.Name, reason.Status, reason.Error())
			}})
		}
	}
	return p.engine.fetchAll(ctx, pictures)
}

// UnreachableImage is a picture of a result that could not be had from where it lies: its value is absent.
type UnreachableImage struct {
	Rank   int    `json:"rank"`
	ID     string `json:"id"`
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

// fetchImages gets the selected pictures of a result that lie elsewhere.
func (e *Engine) fetchImages(ctx context.Context, result *Result) error {
	if !slices.ContainsFunc(result.Fields, func(field schema.Field) bool { return field.Type == schema.Blob }) {
		return nil
	}
	var pictures []elsewhere
	for rank := range result.Rows {
		row := &result.Rows[rank]
		for i, field := range result.Fields {
			if !isElsewhere(row.Values[i], field.Type) {
				continue
			}
			pictures = append(pictures, elsewhere{&row.Values[i], func(err error) {
				row.Values[i] = schema.Value{}
				result.Info.Unreachable = append(result.Info.Unreachable,
					UnreachableImage{Rank: rank, ID: row.ID, Field: field.Name, Reason: errs.From(err).Error()})
			}})
		}
	}
	return e.fetchAll(ctx, pictures)
}
