package arrowstream

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/cdata"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/capi/internal/arrowstream/streamtest"
	"github.com/innerspace/innerspace/core/errs"
)

// node describes a C schema to make.
type node struct {
	format, name string
	children     []node
	dictionary   *node
}

// make builds it in C memory; what it allocates is freed when the test ends.
func (n node) make(t testing.TB) *cSchema {
	keep := func(p unsafe.Pointer) uintptr {
		t.Cleanup(func() { streamtest.Free(p) })
		return uintptr(p)
	}
	p := streamtest.NewSchema()
	keep(p)
	s := (*cSchema)(p)
	s.format, s.name = keep(streamtest.NewString(n.format)), keep(streamtest.NewString(n.name))
	s.children = int64(len(n.children))
	children := make([]uintptr, len(n.children))
	for i, child := range n.children {
		children[i] = uintptr(unsafe.Pointer(child.make(t)))
	}
	s.child = keep(streamtest.NewPointers(children...))
	if n.dictionary != nil {
		s.dictionary = uintptr(unsafe.Pointer(n.dictionary.make(t)))
	}
	return s
}

// column is a table of one column.
func column(format string, children ...node) node {
	return node{format: "+s", children: []node{{format: format, name: "x", children: children}}}
}

func TestSchemasThatAreRefused(t *testing.T) {
	number, pair := node{format: "i"}, node{format: "+s", children: []node{{format: "u"}, {format: "i"}}}
	deep := node{format: "i"}
	for range maxDepth + 1 {
		deep = node{format: "+l", children: []node{deep}}
	}
	for name, test := range map[string]struct {
		schema node
		status errs.Status
	}{
		"not a table":                  {node{format: "u"}, errs.InvalidInput},
		"a dictionary as a table":      {node{format: "+s", dictionary: &number}, errs.InvalidInput},
		"empty format":                 {column(""), errs.InvalidInput},
		"unknown format":               {column("q"), errs.InvalidInput},
		"plus alone":                   {column("+"), errs.InvalidInput},
		"format not UTF-8":             {column("\xff"), errs.InvalidInput},
		"name not UTF-8":               {node{format: "+s", children: []node{{format: "i", name: "\xff"}}}, errs.InvalidInput},
		"endless format":               {column(strings.Repeat("t", maxFormat+1)), errs.InvalidInput},
		"endless name":                 {node{format: "+s", children: []node{{format: "i", name: strings.Repeat("n", maxName+1)}}}, errs.InvalidInput},
		"fixed width without width":    {column("w"), errs.InvalidInput},
		"fixed width that is negative": {column("w:-4"), errs.InvalidInput},
		"fixed width past 32 bits":     {column("w:4294967296"), errs.InvalidInput},
		"fixed width not a number":     {column("w:four"), errs.InvalidInput},
		"decimal without scale":        {column("d:9"), errs.InvalidInput},
		"decimal of words":             {column("d:nine,two"), errs.InvalidInput},
		"decimal of 64 bits":           {column("d:9,2,64"), errs.Unsupported},
		"number with a child":          {column("i", number), errs.InvalidInput},
		"list without a child":         {column("+l"), errs.InvalidInput},
		"list with two children":       {column("+l", number, number), errs.InvalidInput},
		"large list without a child":   {column("+L"), errs.InvalidInput},
		"map without a child":          {column("+m"), errs.InvalidInput},
		"fixed list without size":      {column("+w", number), errs.InvalidInput},
		"fixed list without a child":   {column("+w:2"), errs.InvalidInput},
		"bad child":                    {column("+l", node{format: "?"}), errs.InvalidInput},
		"dictionary indexed by text":   {node{format: "+s", children: []node{{format: "u", dictionary: &number}}}, errs.InvalidInput},
		"dictionary of nonsense":       {node{format: "+s", children: []node{{format: "i", dictionary: &node{format: "?"}}}}, errs.InvalidInput},
		"union":                        {column("+ud:0,1", number, number), errs.Unsupported},
		"union without codes":          {column("+us"), errs.Unsupported},
		"list view":                    {column("+vl", number), errs.Unsupported},
		"run-end encoded":              {column("+r", number, number), errs.Unsupported},
		"nested without end":           {node{format: "+s", children: []node{deep}}, errs.LimitExceeded},
		"map of a pair is read":        {column("+m", pair), errs.OK},
		"struct without fields":        {column("+s"), errs.OK},
		"timestamp without zone":       {column("tss:"), errs.OK},
		"no columns at all":            {node{format: "+s"}, errs.OK},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readSchema(test.schema.make(t))
			assert.Equal(t, test.status, errs.StatusOf(err), "%v", err)
			if err != nil && len(test.schema.children) == 1 && test.schema.children[0].name == "x" {
				assert.Equal(t, `columns["x"]`, errs.From(err).Path)
			}
		})
	}
}

func TestSchemaCountsAreChecked(t *testing.T) {
	for name, test := range map[string]struct {
		spoil  func(*cSchema)
		status errs.Status
	}{
		"negative":      {func(s *cSchema) { s.children = -1 }, errs.InvalidInput},
		"absurd":        {func(s *cSchema) { s.children = 1 << 40 }, errs.LimitExceeded},
		"null array":    {func(s *cSchema) { s.child = 0 }, errs.InvalidInput},
		"null child":    {func(s *cSchema) { values[uintptr](s.child, 1)[0] = 0 }, errs.InvalidInput},
		"no address":    {func(s *cSchema) { values[uintptr](s.child, 1)[0] = 0x40 }, errs.InvalidInput},
		"null format":   {func(s *cSchema) { s.format = 0 }, errs.InvalidInput},
		"its own child": {func(s *cSchema) { values[uintptr](s.child, 1)[0] = uintptr(unsafe.Pointer(s)) }, errs.LimitExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			schema := column("i").make(t)
			test.spoil(schema)
			_, err := readSchema(schema)
			assert.Equal(t, test.status, errs.StatusOf(err), "%v", err)
		})
	}
}

func TestCyclesThatBranchEnd(t *testing.T) {
	schema := node{format: "+s", children: []node{{format: "i"}, {format: "i"}}}.make(t)
	children := values[uintptr](schema.child, 2)
	children[0], children[1] = uintptr(unsafe.Pointer(schema)), uintptr(unsafe.Pointer(schema))
	_, err := readSchema(schema)
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err))
}

func TestEverySimpleFormatIsTheTypeThatArrowSaysItIs(t *testing.T) {
	formats := []string{"w:3", "d:9,2", "d:9,2,256", "tss:UTC", "tsm:", "tsu:Europe/Berlin", "tsn:UTC"}
	for format := range simpleFormats {
		formats = append(formats, format)
	}
	for _, format := range formats {
		t.Run(format, func(t *testing.T) {
			schema := column(format).make(t)
			root, err := readSchema(schema)
			require.NoError(t, err)
			back := streamtest.NewSchema()
			defer streamtest.Free(back)
			cdata.ExportArrowSchema(arrow.NewSchema(root.fields(), nil), (*cdata.CArrowSchema)(back))
			defer cdata.ReleaseCArrowSchema((*cdata.CArrowSchema)(back))
			child := (*cSchema)(pointer(values[uintptr]((*cSchema)(back).child, 1)[0]))
			got, _ := cString(child.format, maxFormat)
			assert.Equal(t, strings.TrimSuffix(format, ",128"), got, fmt.Sprint(root.children[0].dataType))
		})
	}
}
