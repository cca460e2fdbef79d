package core_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/innerspace/innerspace/"

// source is one Go file of core or capi, by its folder relative to the repository.
type source struct {
	folder string
	path   string
	file   *ast.File
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) imports() []string {
	var list []string
	for _, spec := range s.file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			list = append(list, path)
		}
	}
	return list
}

var files = token.NewFileSet()

func sources(t *testing.T, roots ...string) []source {
	var list []source
	for _, root := range roots {
		err := filepath.WalkDir(filepath.Join("..", root), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && entry.Name() == "testdata" {
				return filepath.SkipDir
			}
			if entry.IsDir() || filepath.Ext(path) != ".go" {
				return nil
			}
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			folder, err := filepath.Rel("..", filepath.Dir(path))
			list = append(list, source{folder: filepath.ToSlash(folder), path: path, file: file})
			return err
		})
		require.NoError(t, err)
	}
	require.NotEmpty(t, list)
	return list
}

// knows lists what the packages of core below the engine may import of this module; embedtest, the fake, is for tests only.
var knows = map[string][]string{
	"core/errs":              {},
	"core/document":          {"core/errs"},
	"core/packed":            {},
	"core/vector":            {"core/errs"},
	"core/vector/graph":      {"core/errs", "core/vector"},
	"core/imaging":           {"core/errs"},
	"core/blob":              {"core/errs", "core/imaging"},
	"core/embed":             {"core/blob", "core/errs", "core/imaging"},
	"core/embed/tokenize":    {"core/errs"},
	"core/embed/safetensors": {"core/errs"},
	"core/embed/onnxproto":   {},
	"core/embed/graph":       {"core/embed/onnxproto", "core/embed/safetensors", "core/errs"},
	"core/embed/layout":      {"core/embed", "core/embed/graph", "core/embed/safetensors", "core/embed/tokenize", "core/errs", "core/imaging"},
	"core/embed/modelcache":  {"core/errs"},
	"core/embed/quantize":    {"core/embed/onnxproto", "core/errs"},
	"core/embed/onnx":        {"core/blob", "core/embed", "core/embed/graph", "core/embed/layout", "core/embed/modelcache", "core/embed/onnxproto", "core/embed/quantize", "core/embed/safetensors", "core/embed/tokenize", "core/errs", "core/imaging"},
	"core/schema":            {"core/blob", "core/errs"},
	"core/space":             {"core/blob", "core/document", "core/embed", "core/errs", "core/schema", "core/vector"},
	"core/column":            {"core/schema", "core/vector"},
	"core/facet":             {"core/column", "core/errs", "core/schema", "core/vector"},
	"core/filter":            {"core/column", "core/errs", "core/schema", "core/vector"},
	"core/effect":            {"core/errs", "core/filter", "core/schema", "core/vector"},
	"core/query":             {"core/blob", "core/document", "core/errs", "core/facet", "core/filter", "core/schema", "core/space"},
	"core/store":             {"core/column", "core/errs", "core/schema", "core/vector"},
	"core/store/approximate": {"core/errs", "core/packed", "core/store", "core/vector", "core/vector/graph"},

	"core/store/disk":            {"core/column", "core/errs", "core/schema", "core/store", "core/store/disk/filesystem", "core/store/disk/record", "core/store/disk/salvage", "core/store/disk/segment", "core/vector"},
	"core/store/disk/filesystem": {},
	"core/store/disk/record":     {"core/errs", "core/packed", "core/schema"},
	"core/store/disk/salvage":    {"core/errs"},
	"core/store/disk/segment":    {"core/errs", "core/store/disk/filesystem", "core/vector"},
}

func TestImportsGoInOneDirection(t *testing.T) {
	for _, s := range sources(t, "core", "capi") {
		inCore := s.folder == "core" || strings.HasPrefix(s.folder, "core/")
		for _, path := range s.imports() {
			ours, isOurs := strings.CutPrefix(path, module)
			switch {
			case inCore && (path == module+"capi" || strings.HasPrefix(ours, "capi/")):
				assert.Fail(t, "core must not import capi", "%s imports %s", s.path, path)
			case inCore && strings.HasPrefix(path, "github.com/apache/arrow/"):
				assert.Equal(t, "core/tabular", s.folder, "%s imports Arrow, which belongs in core/tabular", s.path)
			case strings.HasPrefix(path, "github.com/yalue/onnxruntime_go"):
				assert.Equal(t, "core/embed/onnx", s.folder, "%s imports ONNX Runtime, which belongs in core/embed/onnx", s.path)
			case ours == "core": // only the version
			case isOurs && !s.isTest():
				if allowed, listed := knows[s.folder]; listed {
					assert.Contains(t, allowed, ours, "%s imports %s, of which %s should know nothing", s.path, path, s.folder)
				}
				assert.NotEqual(t, "core/embed/embedtest", ours, "%s imports the fake for tests", s.path)
			}
		}
	}
}

// TestEveryPackageHasItsPlace: a new package of core is listed above, or sits on top of the engine on purpose.
func TestEveryPackageHasItsPlace(t *testing.T) {
	onTop := []string{"core", "core/engine", "core/tabular", "core/embed/embedtest", "core/store/disk/filesystem/filesystemtest"}
	for _, s := range sources(t, "core") {
		_, listed := knows[s.folder]
		assert.True(t, listed || slices.Contains(onTop, s.folder), "say in layering_test.go what %s may import", s.folder)
	}
}

// forbidden ends the process or writes to the user's terminal; a library does neither. "" is the builtin print.
var forbidden = map[string][]string{
	"log": {"Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln", "Print", "Printf", "Println"},
	"os":  {"Exit"},
	"fmt": {"Print", "Printf", "Println"},
	"":    {"print", "println"},
}

func TestNothingPrintsOrEndsTheProcess(t *testing.T) {
	for _, s := range sources(t, "core", "capi") {
		if s.isTest() {
			continue
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			owner, name := "", ""
			switch function := call.Fun.(type) {
			case *ast.Ident:
				name = function.Name
			case *ast.SelectorExpr:
				if x, ok := function.X.(*ast.Ident); ok {
					owner, name = x.Name, function.Sel.Name
				}
			}
			assert.NotContains(t, forbidden[owner], name, "%s calls %s.%s", files.Position(call.Pos()), owner, name)
			return true
		})
	}
}
