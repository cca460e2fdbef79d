package engine

import "github.com/innerspace/innerspace/core/errs"

// Report says what a put did. Its JSON form is what the C ABI and Python see.
type Report struct {
	Schema    string          `json:"schema"`
	Rows      int             `json:"rows"`      // rows given
	Stored    int             `json:"stored"`    // rows stored, after duplicates and refusals
	Batches   int             `json:"batches"`   // batches committed
	Errors    []RowError      `json:"errors"`    // every bad value, in row order
	Truncated []TruncatedText `json:"truncated"` // texts longer than the model's context
	Warnings  []Warning       `json:"warnings"`
}

// RowError is one value that could not be used.
type RowError struct {
	Row    int         `json:"row"` // position in this put, from 0
	ID     string      `json:"id"`  // "" where the id itself is missing
	Field  string      `json:"field"`
	Status errs.Status `json:"status"`
	Reason string      `json:"reason"`
}

// TruncatedText is a text of which only the beginning was embedded.
type TruncatedText struct {
	Row    int    `json:"row"`
	ID     string `json:"id"`
	Field  string `json:"field"`
	Tokens int    `json:"tokens"` // of the whole text, markers included
	Limit  int    `json:"limit"`
}

// Warning is something that was done but that the caller may not have meant.
type Warning struct {
	Code    string   `json:"code"` // duplicate_id, partial_put, unknown_column, truncated_text
	Message string   `json:"message"`
	Fields  []string `json:"fields,omitempty"`
	IDs     []string `json:"ids,omitempty"` // at most 20
}

// OnError says what a bad row does to a put.
type OnError string

const (
	// Raise stores nothing of the put and reports every bad row.
	Raise OnError = "raise"
	// Skip stores the good rows.
	Skip OnError = "skip"
	// Null stores a bad row without the bad field (a row with a bad id is still left out).
	Null OnError = "null"
)

// Partial says what putting an existing id with some of its fields does to the vectors.
type Partial string

const (
	// Reset is the reference's rule: the space parts of absent fields become the missing vector.
	Reset Partial = "reset"
	// Merge recomputes them from the stored fields.
	Merge Partial = "merge"
)

// PutOptions are the options of one put.
type PutOptions struct {
	Schema  string     `json:"schema"`
	OnError OnError    `json:"on_error"` // default raise
	Partial Partial    `json:"partial"`  // default reset
	Rejects []RowError `json:"rejects"`  // values that the caller's types could not carry: merged into the report as if found here
	// PerBatch commits each batch as it comes (bounded memory); otherwise the put is one unit.
	PerBatch bool `json:"per_batch"`
	// TotalRows, where known, is the denominator of the progress.
	TotalRows int `json:"total_rows"`
}
