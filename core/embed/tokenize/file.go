package tokenize

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

// tokenizerFile is the top level of a tokenizer.json.
type tokenizerFile struct {
	model         *object
	normalizer    json.RawMessage // nil where the file has none, and so below
	preTokenizer  json.RawMessage
	postProcessor json.RawMessage
	addedTokens   []json.RawMessage
	padID         *int64
}

func readFile(data []byte) (*tokenizerFile, error) {
	if len(data) > maxFileBytes {
		return nil, errs.New(errs.LimitExceeded, "a tokenizer file of %d bytes; at most %d are read", len(data), maxFileBytes)
	}
	if !utf8.Valid(data) {
		return nil, errs.New(errs.InvalidInput, "a tokenizer file that is not UTF-8; is this the tokenizer.json?")
	}
	if !json.Valid(data) {
		var value json.RawMessage
		err := json.Unmarshal(data, &value)
		return nil, errs.Wrap(err, errs.InvalidInput, "not JSON: %v; is this the tokenizer.json?", err)
	}
	top, err := readObject(data, "$")
	if err != nil {
		return nil, err
	}
	file := &tokenizerFile{}
	var version string
	var model, truncation, padding, decoder json.RawMessage
	if err := top.takeAll(map[string]any{
		"version": &version, "truncation": &truncation, "padding": &padding, "added_tokens": &file.addedTokens,
		"normalizer": &file.normalizer, "pre_tokenizer": &file.preTokenizer, "post_processor": &file.postProcessor,
		"decoder": &decoder, "model": &model,
	}); err != nil {
		return nil, err
	}
	if version != "1.0" {
		return nil, errs.New(errs.Unsupported, "tokenizer file version %q; 1.0 is supported", version).At("$.version")
	}
	if model == nil {
		return nil, errs.New(errs.InvalidInput, "a tokenizer file without a model").At("$.model")
	}
	if file.model, err = readObject(model, "$.model"); err != nil {
		return nil, err
	}
	if err := file.checkTruncation(truncation); err != nil {
		return nil, err
	}
	return file, file.readPadding(padding)
}

// checkTruncation refuses what would keep another part of a text than its beginning.
func (f *tokenizerFile) checkTruncation(raw json.RawMessage) error {
	if raw == nil {
		return nil
	}
	truncation, err := readObject(raw, "$.truncation")
	if err != nil {
		return err
	}
	direction, strategy := "Right", "LongestFirst"
	var length, stride json.RawMessage
	if err := truncation.takeAll(map[string]any{"direction": &direction, "strategy": &strategy, "max_length": &length, "stride": &stride}); err != nil {
		return err
	}
	if direction != "Right" {
		return errs.New(errs.Unsupported, "truncation of the %q side; Right is supported", direction).At("$.truncation.direction")
	}
	if strategy != "LongestFirst" && strategy != "OnlyFirst" {
		return errs.New(errs.Unsupported, "truncation strategy %q; LongestFirst and OnlyFirst are supported", strategy).At("$.truncation.strategy")
	}
	return nil
}

func (f *tokenizerFile) readPadding(raw json.RawMessage) error {
	if raw == nil {
		return nil
	}
	padding, err := readObject(raw, "$.padding")
	if err != nil {
		return err
	}
	direction, typeID := "Right", int64(0)
	var strategy, multiple, token json.RawMessage
	if err := padding.takeAll(map[string]any{
		"direction": &direction, "pad_id": &f.padID, "pad_type_id": &typeID,
		"strategy": &strategy, "pad_to_multiple_of": &multiple, "pad_token": &token,
	}); err != nil {
		return err
	}
	if direction != "Right" {
		return errs.New(errs.Unsupported, "padding on the %q side; Right is supported", direction).At("$.padding.direction")
	}
	return nil
}

// object is a JSON object whose members are taken one by one, so that what
// nobody took can be named: an unknown member may change the ids. Names are
// matched with their case, which encoding/json's structs would ignore.
type object struct {
	path    string
	members map[string]json.RawMessage
}

// readObject reads valid JSON.
func readObject(raw json.RawMessage, path string) (*object, error) {
	scanner := jsonScanner{data: raw}
	if !scanner.open('{') {
		return nil, errs.New(errs.InvalidInput, "not an object, which a tokenizer.json has there").At(path)
	}
	read := &object{path: path, members: map[string]json.RawMessage{}}
	for scanner.more() {
		name := scanner.key()
		read.members[name] = scanner.value()
	}
	return read, nil
}

func (o *object) has(member string) bool {
	_, ok := o.members[member]
	return ok
}

// is tells whether a member is true, and leaves it where it is.
func (o *object) is(member string) bool { return string(o.members[member]) == "true" }

// take decodes a member into destination and tells whether it was there and not null.
func (o *object) take(member string, destination any) (bool, error) {
	raw, ok := o.members[member]
	delete(o.members, member)
	if !ok || isNull(raw) {
		return false, nil
	}
	if kept, ok := destination.(*json.RawMessage); ok {
		*kept = raw
		return true, nil
	}
	return true, decode(raw, o.path+"."+member, destination)
}

// takeAll takes every member named and refuses an object that has more.
func (o *object) takeAll(destinations map[string]any) error {
	for _, member := range sortedKeys(destinations) {
		if _, err := o.take(member, destinations[member]); err != nil {
			return err
		}
	}
	return o.refuseRest()
}

func (o *object) refuseRest() error {
	if len(o.members) == 0 {
		return nil
	}
	quoted := make([]string, 0, len(o.members))
	for _, member := range sortedKeys(o.members) {
		quoted = append(quoted, fmt.Sprintf("%.40q", member))
	}
	if len(quoted) > 5 {
		quoted = append(quoted[:5], "…")
	}
	return errs.New(errs.Unsupported, "unknown member %s", strings.Join(quoted, ", ")).At(o.path)
}

// readSequence reads the list of a component of type Sequence; sequence is false
// for a component of another type. Sequences are not read inside sequences: no
// real file has that, and each level would be parsed once more.
func readSequence(raw json.RawMessage, path, listMember string) (list []json.RawMessage, sequence bool, err error) {
	members, err := readObject(raw, path)
	if err != nil {
		return nil, false, err
	}
	var kind string
	if _, err := members.take("type", &kind); err != nil || kind != "Sequence" {
		return nil, false, err
	}
	return list, true, members.takeAll(map[string]any{listMember: &list})
}

func sortedKeys[V any](of map[string]V) []string {
	keys := make([]string, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
