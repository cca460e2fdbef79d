package blob

import (
	"bytes"
	"net/url"

	"github.com/innerspace/innerspace/core/errs"
)

// resolveDataURI decodes data:[media type][;base64],data (RFC 2397).
func (r *Resolver) resolveDataURI(text []byte) (Content, error) {
	header, data, found := bytes.Cut(text[len("data:"):], []byte(","))
	if !found {
		return Content{}, errs.New(errs.InvalidInput,
			"the data: URI %s has no comma; it looks like data:image/png;base64,iVBORw0KGgo…", excerpt(string(text)))
	}
	isBase64 := len(header) >= len(";base64") && hasPrefixFold(header[len(header)-len(";base64"):], ";base64")
	content, err := data, error(nil)
	if escapes := bytes.Count(data, []byte("%")); escapes > 0 || !isBase64 {
		content, err = r.percentDecode(data, escapes, isBase64)
	}
	if err == nil && isBase64 {
		content, err = decodeBase64(content, r.options.MaxBytes)
		if errs.StatusOf(err) == errs.InvalidInput {
			err = errs.Wrap(err, errs.InvalidInput, "the data: URI %s is no base64: %s", excerpt(string(text)), errs.From(err).Message)
		}
	}
	if err != nil {
		return Content{}, err
	}
	if len(content) == 0 {
		return Content{}, errs.New(errs.InvalidInput, "the data: URI %s holds no bytes", excerpt(string(text)))
	}
	return Content{Encoded: content, Origin: "data: URI"}, nil
}

func (r *Resolver) percentDecode(data []byte, escapes int, isBase64 bool) ([]byte, error) {
	limit := r.options.MaxBytes
	if isBase64 {
		limit *= 2 // base64 and its line breaks need more room than what they stand for; decodeBase64 has the exact cap
	}
	if size := int64(len(data)) - 2*int64(escapes); size > limit {
		return nil, r.tooLarge("the data: URI", size)
	}
	decoded, err := url.PathUnescape(string(data))
	if err != nil {
		return nil, errs.Wrap(err, errs.InvalidInput, "the data: URI has a malformed %% escape: %v", err)
	}
	return []byte(decoded), nil
}
