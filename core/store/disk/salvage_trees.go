package disk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/store/disk/salvage"
	"github.com/innerspace/innerspace/core/vector"
)

// Shapes of rows: n, i, t and b are nothing, an integer, a text and bytes. No two tables have the same.
var shapes = map[string]string{
	"nbi": "store", "tb": "metadata", "ntiiiii": "tables", "niti": "indices", "niiiii": "spans", "niii": "segments", "iiiib": "bits", "nb": "blobs", "ti": "sqlite_sequence",
	"ntinbn": "rows", "ntitbn": "rows", "ntinbb": "rows", "ntitbb": "rows",
}

func shapeOf(row salvage.Row) string {
	shape := make([]byte, len(row.Values))
	for i, value := range row.Values {
		switch value.(type) {
		case nil:
			shape[i] = 'n'
		case int64:
			shape[i] = 'i'
		case string:
			shape[i] = 't'
		case []byte:
			shape[i] = 'b'
		default:
			shape[i] = '?'
		}
	}
	return string(shape)
}

// findTrees names the trees: by the schema, and where that is damaged by the shapes of their rows.
func (f *salvaged) findTrees() error {
	trees, _, err := f.image.Trees()
	if err != nil {
		return err
	}
	f.trees = map[string]*salvage.Tree{}
	roots := map[string]uint32{}
	if schema := trees[1]; schema != nil && schema.Table {
		err := f.image.Rows(schema, func(row salvage.Row) error {
			if len(row.Values) == 5 {
				name, named := row.Values[1].(string)
				if at, is := row.Values[3].(int64); named && is && at > 0 && at <= 1<<31 {
					roots[name] = uint32(at)
					f.image.Know(uint32(at))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	trees, adrift, err := f.image.Trees()
	if err != nil {
		return err
	}
	for name, root := range roots {
		if trees[root] != nil {
			f.trees[name] = trees[root]
		}
		delete(trees, root)
	}
	delete(trees, 1)
	nameless := false
	for _, root := range sortedKeys(trees) {
		name := ""
		err := f.image.Rows(trees[root], func(row salvage.Row) error {
			if row.Whole() && name == "" {
				name = shapes[shapeOf(row)]
			}
			return nil
		})
		if err != nil {
			return err
		}
		switch {
		case name == "rows":
			f.trees[fmt.Sprint(unknownRows, root)] = trees[root]
		case name != "" && f.trees[name] == nil && (trees[root].Table == (name != "metadata" && name != "bits")):
			f.trees[name] = trees[root]
		case trees[root].Damaged > 0:
			nameless = true
		}
	}
	// What is on pages of which nobody knows whose they are may be of any of these.
	for _, name := range []string{"metadata", "tables"} {
		if f.trees[name] == nil && (nameless || adrift > 0) {
			return unsalvageable("the list of " + name)
		}
	}
	return nil
}

func sortedKeys(trees map[uint32]*salvage.Tree) []uint32 {
	keys := make([]uint32, 0, len(trees))
	for key := range trees {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// matchRows finds out whose the rows are that the schema does not name.
func (f *salvaged) matchRows() error {
	for name, of := range f.trees {
		if !strings.HasPrefix(name, unknownRows) {
			continue
		}
		live := vector.NewBitmap(0)
		err := f.image.Rows(of, func(row salvage.Row) error {
			if row.Number >= 0 && row.Number < maxNumber {
				live = withRow(live, int(row.Number))
			}
			return nil
		})
		if err != nil {
			return err
		}
		var fitting []int64
		for id, t := range f.tables {
			if f.trees[rowsName(id)] == nil && f.fits(id, t, live, of) {
				fitting = append(fitting, id)
			}
		}
		if len(fitting) != 1 {
			return unsalvageable("which rows are of which table")
		}
		delete(f.trees, name)
		f.trees[rowsName(fitting[0])] = of
	}
	return nil
}

// fits says whether rows can be those of a table: by their number, and by the bitmap of the table.
func (f *salvaged) fits(id int64, t *salvagedTable, live vector.Bitmap, of *salvage.Tree) bool {
	count := live.Count()
	if t.counted && (int64(count) > t.rows || int64(count) < t.rows && of.Damaged == 0) {
		return false
	}
	for row := range live.All() {
		if bytes, known := f.bits[bitsKey{table: id, page: row / bitsPage}]; known && bytes[row%bitsPage/8]&(1<<(row%8)) == 0 {
			return false
		}
	}
	return true
}

func withRow(bitmap vector.Bitmap, row int) vector.Bitmap {
	bitmap = bitmap.Reaching(row)
	bitmap.Add(row)
	return bitmap
}

const unknownRows = "unknown rows "

func rowsName(table int64) string { return fmt.Sprint("rows_", table) }
