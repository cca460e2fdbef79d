// Package salvage reads what is whole of an SQLite database of which pages are damaged: each page has a checksum, and an auto-vacuum database says of
// each page twice where it belongs. It knows nothing of what the tables mean. The format of the file is https://www.sqlite.org/fileformat2.html.
package salvage

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/innerspace/innerspace/core/errs"
)

// What a database must be like to be read: as Options of its maker have it.
const (
	PageSize = 4096
	reserved = 8 // bytes at the end of each page, for the checksum
	usable   = PageSize - reserved
)

// Image is a database and its log as they were found. It only reads.
type Image struct {
	main    io.ReaderAt
	log     *writeAheadLog
	pages   uint32
	known   []page            // by number; the first is none
	mended  map[uint32][]byte // pages of which one bit was flipped, with the bit as it was
	parents map[uint32]uint32 // by child, as interior pages have them
	roots   map[uint32]bool   // as the schema has them
	zeros   map[uint32]bool   // pages of payloads; nil when all is read
	// headless says that the database does not begin as one. SQLite needs that even where the log has its first page.
	headless bool
}

// page is what is known of a page.
type page struct {
	whole  bool
	use    use
	parent uint32
}

// use is what the pointer map says that a page is for.
type use byte

const (
	unknown      use = iota // the pointer map is damaged there
	root                    // of a tree
	free                    // nothing
	overflow                // the first of those that a payload goes on in; parent: the page that the payload begins in
	moreOverflow            // parent: the one before
	tree                    // a page of a tree that is not its root
	pointers                // the pointer map itself
)

// Open reads every page of a database once; log is what its write-ahead log has, nil where there is none. A file that is no database of the kind
// that is read here is InvalidInput.
func Open(main, log io.ReaderAt) (*Image, error) {
	i := &Image{main: main, mended: map[uint32][]byte{}, parents: map[uint32]uint32{}, roots: map[uint32]bool{1: true}, zeros: map[uint32]bool{}}
	var err error
	if i.log, err = readLog(log); err != nil {
		return nil, err
	}
	if i.pages, err = i.count(); err != nil {
		return nil, err
	}
	i.known = make([]page, i.pages+1)
	for number := uint32(1); number <= i.pages; number++ {
		if err := i.look(number); err != nil {
			return nil, err
		}
	}
	for number := uint32(1); number <= i.pages; number++ {
		if err := i.readChildren(number); err != nil {
			return nil, err
		}
		// Only the last page of a payload can be all zeros.
		if p := i.known[number]; p.use == moreOverflow && p.parent <= i.pages && i.zeros[p.parent] {
			i.known[p.parent].whole = false
		}
	}
	i.zeros = nil
	return i, nil
}

// count is the number of pages.
func (i *Image) count() (uint32, error) {
	const most = 1 << 30 // 4 TB
	var size [1]byte
	low, high := int64(0), int64(most)
	for low < high { // the first page that is not there
		at := (low + high) / 2
		n, err := i.main.ReadAt(size[:], at*PageSize)
		switch {
		case n == 1:
			low = at + 1
		case errors.Is(err, io.EOF):
			high = at
		default:
			return 0, err
		}
	}
	if i.log.size > 0 {
		first := make([]byte, 100)
		_, err := i.main.ReadAt(first, 0)
		i.headless = !isHeader(first)
		return uint32(min(int64(i.log.size), low+int64(len(i.log.frames)))), errorOf(err) // there are no more, whatever the log says
	}
	first, whole, err := i.read(1)
	if err != nil || !whole || zero(first) {
		return uint32(low), err
	}
	if !isHeader(first) {
		return 0, errs.New(errs.InvalidInput, "the file is no database with pages of %d bytes and checksums", PageSize)
	}
	return min(uint32(low), binary.BigEndian.Uint32(first[28:])), nil
}

func isHeader(first []byte) bool {
	return string(first[:16]) == "SQLite format 3\x00" && first[20] == reserved && binary.BigEndian.Uint16(first[16:]) == PageSize
}

// read returns a page, and whether it is whole.
func (i *Image) read(number uint32) ([]byte, bool, error) {
	if mended := i.mended[number]; mended != nil {
		return mended, true, nil
	}
	content := make([]byte, PageSize)
	if number == 0 || i.known != nil && number > i.pages {
		return content, false, nil
	}
	if at, logged := i.log.frames[number]; logged {
		_, err := i.log.file.ReadAt(content, at)
		return content, err == nil, errorOf(err)
	}
	if _, err := i.main.ReadAt(content, int64(number-1)*PageSize); err != nil {
		return content, false, errorOf(err)
	}
	return content, checksum(content) == binary.LittleEndian.Uint64(content[usable:]), nil
}

// errorOf leaves out that a file is shorter than it should be.
func errorOf(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// look reads a page for the first time, and where it is a part of the pointer map what that says.
func (i *Image) look(number uint32) error {
	content, whole, err := i.read(number)
	if err != nil {
		return err
	}
	if !whole && mend(content) {
		i.mended[number], whole = content, true
	}
	// A page of zeros has its checksum too. In a tree it is one that was lost; a payload may end in one.
	if zero(content) {
		whole = whole && (!i.inTree(number) || number == lockPage)
		i.zeros[number] = i.known[number].use == overflow || i.known[number].use == moreOverflow
	}
	i.known[number].whole = whole
	const entries = usable / 5
	if number != mapPage(number+1) {
		return nil
	}
	i.known[number].use = pointers
	for entry := range uint32(entries) {
		of := number + 1 + entry
		if of > i.pages || !whole {
			break
		}
		at := content[entry*5:]
		if kind := use(at[0]); kind >= root && kind <= tree {
			i.known[of].use, i.known[of].parent = kind, binary.BigEndian.Uint32(at[1:])
		}
	}
	return nil
}

func zero(content []byte) bool {
	return !slices.ContainsFunc(content, func(b byte) bool { return b != 0 })
}

// lockPage is the page that is never used.
const lockPage = 1<<30/PageSize + 1

// mapPage is the page of the pointer map that a page stands in.
func mapPage(of uint32) uint32 {
	const each = usable/5 + 1
	if of < 3 {
		return 2
	}
	number := (of-2)/each*each + 2
	if number == lockPage {
		number++
	}
	return number
}

// readChildren takes note of the children of an interior page.
func (i *Image) readChildren(number uint32) error {
	if !i.known[number].whole || !i.inTree(number) {
		return nil
	}
	content, _, err := i.read(number)
	if err != nil {
		return err
	}
	header := headerOf(content, number)
	if header == nil || !header.interior {
		return nil
	}
	for _, at := range header.cells {
		i.parents[binary.BigEndian.Uint32(content[at:])] = number
	}
	i.parents[header.last] = number
	return nil
}

// inTree says whether a page may be one of a tree.
func (i *Image) inTree(number uint32) bool {
	use := i.known[number].use
	return use == root || use == tree || use == unknown
}
