package salvage

import (
	"encoding/binary"
	"slices"
)

// Tree is a table or an index.
type Tree struct {
	Root uint32
	// Table says that it is a table with row numbers, and not an index or a table without them.
	Table bool
	// Damaged is how many of its pages are.
	Damaged int
	pages   []uint32 // that are whole
}

// header is what stands before the cells of a page of a tree.
type header struct {
	interior, table bool
	cells           []int // where they begin
	last            uint32
}

// headerOf reads the header of a page; nil where it is none of a tree.
func headerOf(content []byte, number uint32) *header {
	at := 0
	if number == 1 {
		at = 100
	}
	var h header
	switch content[at] {
	case 2:
		h.interior = true
	case 5:
		h.interior, h.table = true, true
	case 10:
	case 13:
		h.table = true
	default:
		return nil
	}
	count, first := int(binary.BigEndian.Uint16(content[at+3:])), at+8
	if h.interior {
		h.last, first = binary.BigEndian.Uint32(content[at+8:]), at+12
	}
	if first+2*count > usable {
		return nil
	}
	for cell := range count {
		place := int(binary.BigEndian.Uint16(content[first+2*cell:]))
		if place < first+2*count || place > usable-4 {
			return nil
		}
		h.cells = append(h.cells, place)
	}
	return &h
}

// Know tells where trees begin, as the schema has it: it counts where the pointer map is damaged.
func (i *Image) Know(root uint32) { i.roots[root] = true }

// Trees are those of the database by their roots; adrift is how many damaged pages may belong to any of them.
func (i *Image) Trees() (trees map[uint32]*Tree, adrift int, err error) {
	trees = map[uint32]*Tree{}
	for number := uint32(1); number <= i.pages; number++ {
		if !i.inTree(number) {
			continue
		}
		whole, of := i.known[number].whole, i.rootOf(number)
		if of == 0 {
			if !whole {
				adrift++
			}
			continue
		}
		t := trees[of]
		if t == nil {
			t = &Tree{Root: of}
			trees[of] = t
		}
		if !whole {
			t.Damaged++
			continue
		}
		content, _, err := i.read(number)
		if err != nil {
			return nil, 0, err
		}
		h := headerOf(content, number)
		if h == nil || len(t.pages) > 0 && h.table != t.Table {
			t.Damaged++
			continue
		}
		t.Table = h.table
		t.pages = append(t.pages, number)
	}
	return trees, adrift, nil
}

// rootOf is the root of the tree that a page is in; 0 where it is unknown.
func (i *Image) rootOf(number uint32) uint32 {
	const deepest = 64
	for range deepest {
		if number == 0 || number > i.pages {
			return 0
		}
		p := i.known[number]
		switch {
		case p.use == root || i.roots[number]:
			return number
		case p.use == tree:
			number = p.parent
		default:
			number = i.parents[number]
		}
	}
	return 0
}

// Pages is how many there are.
func (i *Image) Pages() int { return int(i.pages) }

// Whole says whether nothing is damaged.
func (i *Image) Whole() bool {
	damaged, mended := i.Damaged()
	return len(damaged)+mended == 0 && !i.headless
}

// Damaged are the numbers of the pages that are neither whole nor could be mended, in order, and how many could.
func (i *Image) Damaged() (damaged []uint32, mended int) {
	for number := uint32(1); number <= i.pages; number++ {
		if !i.known[number].whole {
			damaged = append(damaged, number)
		}
	}
	return damaged, len(i.mended)
}

// Row is an entry of a tree.
type Row struct {
	Number int64 // of a table's row
	// Values are nil, int64, float64, string, []byte, or Missing.
	Values []any
}

// Missing is in the place of a value that lies on a damaged page.
type Missing struct{}

// Whole says whether no value is missing.
func (r Row) Whole() bool {
	return !slices.ContainsFunc(r.Values, func(value any) bool { _, is := value.(Missing); return is })
}

// Rows calls each for the rows of a tree that lie on whole pages, in no order, until it returns an error.
func (i *Image) Rows(t *Tree, each func(Row) error) error {
	for _, number := range t.pages {
		content, _, err := i.read(number)
		if err != nil {
			return err
		}
		h := headerOf(content, number)
		if h == nil || h.table && h.interior { // whose cells only lead the way
			continue
		}
		for _, at := range h.cells {
			row, err := i.row(content, number, at, h)
			if err != nil {
				return err
			}
			if err := each(row); err != nil {
				return err
			}
		}
	}
	return nil
}
