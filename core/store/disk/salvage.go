package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path/filepath"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store/disk/filesystem"
	"github.com/innerspace/innerspace/core/store/disk/salvage"
)

// Names of catalogues that are not the one in use.
const (
	unfinishedName = catalogueName + ".new"
	// repairedName is a whole catalogue in the place of one that is damaged: the next to write puts it there.
	repairedName = catalogueName + ".repaired"
	keptName     = catalogueName + ".damaged"
	logSuffix    = "-wal"
)

// salvageCatalogue puts a catalogue of what can be read in the place of one with damaged pages, or of any, and keeps that one beside it. It
// says whether it did. Nobody has the store open for writing.
func salvageCatalogue(path string, options Options, always bool) (report Report, replaced bool, err error) {
	s, err := newStore(path, options, nil)
	if err != nil {
		return Report{}, false, err
	}
	names, err := s.files.List(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Report{}, false, explain(err, s.path)
	}
	if !holds(names, catalogueName) {
		return Report{}, false, nil
	}
	if err := s.takeLock(); err != nil {
		return Report{}, false, explain(err, s.path)
	}
	defer func() { err = explain(errors.Join(err, s.lock.Close()), s.path) }()
	if names, err = s.files.List(s.path); err == nil && holds(names, repairedName) {
		err = s.finishRepair()
	}
	if err != nil {
		return Report{}, false, err
	}
	main, err := s.files.Open(filepath.Join(s.path, catalogueName))
	if err != nil {
		return Report{}, false, err
	}
	defer func() { _ = main.Close() }()
	log, err := s.files.Open(filepath.Join(s.path, catalogueName+logSuffix))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Report{}, false, err
	}
	var logged io.ReaderAt
	if err == nil {
		defer func() { _ = log.Close() }()
		logged = log
	}
	return s.salvage(main, logged, always)
}

func (s *Store) salvage(main, log io.ReaderAt, always bool) (report Report, replaced bool, err error) {
	image, err := salvage.Open(main, log)
	if err != nil {
		return Report{}, false, err
	}
	if image.Whole() && !always {
		return Report{}, false, nil
	}
	found, err := s.find(image)
	if err != nil {
		return Report{}, false, err
	}
	if report.Kept, err = s.keep(main, log); err != nil {
		return Report{}, false, err
	}
	if err := s.writeCatalogue(found, &report); err != nil {
		return Report{}, false, err
	}
	report.Damage = []Damage{{Kind: "catalogue", File: catalogueName, Message: damagedPages(image)}}
	if err := s.files.Rename(filepath.Join(s.path, unfinishedName), filepath.Join(s.path, repairedName)); err != nil {
		return Report{}, false, err
	}
	if err := s.files.SyncDirectory(s.path); err != nil {
		return Report{}, false, err
	}
	return report, true, s.finishRepair()
}

// damagedPages says how many pages of a catalogue were damaged.
func damagedPages(image *salvage.Image) string {
	damaged, mended := image.Damaged()
	said := fmt.Sprintf("%d of %d pages were damaged", len(damaged), image.Pages())
	if mended > 0 {
		said += fmt.Sprintf("; in %d more a flipped bit was turned back", mended)
	}
	return said
}

// finishRepair puts a repaired catalogue in its place. The log of the damaged one goes first: it would count as that of the new one.
func (s *Store) finishRepair() error {
	if err := s.removeBeside(catalogueName, logSuffix, "-shm"); err != nil {
		return err
	}
	if err := s.files.SyncDirectory(s.path); err != nil {
		return err
	}
	if err := s.files.Rename(filepath.Join(s.path, repairedName), filepath.Join(s.path, catalogueName)); err != nil {
		return err
	}
	return s.files.SyncDirectory(s.path)
}

// keep copies a damaged catalogue and its log to names that are free, and returns where the catalogue is.
func (s *Store) keep(main, log io.ReaderAt) (string, error) {
	names, err := s.files.List(s.path)
	if err != nil {
		return "", err
	}
	name := keptName
	for n := 2; holds(names, name) || holds(names, name+logSuffix); n++ {
		name = fmt.Sprint(keptName, n)
	}
	kept := filepath.Join(s.path, name)
	if log != nil { // first, so that a catalogue that is there is whole
		if err := copyTo(s.files, kept+logSuffix, log); err != nil {
			return "", err
		}
	}
	if err := copyTo(s.files, kept, main); err != nil {
		return "", err
	}
	return kept, s.files.SyncDirectory(s.path)
}

func copyTo(files filesystem.FileSystem, path string, from io.ReaderAt) error {
	file, err := files.Create(path)
	if err != nil {
		return err
	}
	const piece = 1 << 20
	_, err = io.CopyBuffer(io.NewOffsetWriter(file, 0), io.NewSectionReader(from, 0, math.MaxInt64), make([]byte, piece))
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// unsalvageable refuses to repair a catalogue without which nothing means anything.
func unsalvageable(what string) error {
	return errs.New(errs.InvalidInput, "the catalogue of the store is damaged, and cannot be repaired: %s lies on a damaged page. Nothing was changed. Take a copy, or put the rows anew into another store", what)
}
