package disk

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"path/filepath"
	"runtime/debug"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store/disk/filesystem"
)

// A graph's file is a header and what its maker wrote. The header is: "innsgrph", the format, the store's name (16 bytes), the
// graph's, the number of bytes that follow and their CRC-32C, and that of the header; little-endian.
const (
	graphMagic       = "innsgrph"
	graphFormat      = 1
	graphHeaderBytes = 8 + 4 + 16 + 8 + 8 + 4 + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (s *Store) graphHeader(name uint64, size int64, sum uint32) []byte {
	store, order := s.segments.name(), binary.LittleEndian
	header := order.AppendUint32([]byte(graphMagic), graphFormat)
	header = append(header, store[:]...)
	header = order.AppendUint64(header, name)
	header = order.AppendUint64(header, uint64(size))
	header = order.AppendUint32(header, sum)
	return order.AppendUint32(header, crc32.Checksum(header, castagnoli))
}

// writeGraph makes the file of a graph, which is on the disk when it returns.
func (s *Store) writeGraph(name uint64, write func(io.Writer) error) error {
	directory, path := filepath.Join(s.path, graphsName), s.graphPath(name)
	if err := s.files.MakeDirectory(directory); err != nil {
		return err
	}
	file, err := s.files.Create(path + unfinishedBy)
	if err != nil {
		return err
	}
	if err := errors.Join(s.fillGraph(file, name, write), file.Close()); err != nil {
		return err
	}
	if err := s.files.Rename(path+unfinishedBy, path); err != nil {
		return err
	}
	return errors.Join(s.files.SyncDirectory(directory), s.files.SyncDirectory(s.path))
}

func (s *Store) fillGraph(file filesystem.File, name uint64, write func(io.Writer) error) error {
	const buffered = 1 << 20
	body, sum := io.NewOffsetWriter(file, graphHeaderBytes), crc32.New(castagnoli)
	buffer := bufio.NewWriterSize(io.MultiWriter(body, sum), buffered)
	if err := write(buffer); err != nil {
		return err
	}
	if err := buffer.Flush(); err != nil {
		return err
	}
	size, err := body.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if _, err := file.WriteAt(s.graphHeader(name, size, sum.Sum32()), 0); err != nil {
		return err
	}
	return file.Sync()
}

// showGraph gives the content of a graph's file to read, once it is found to be what was written.
func (s *Store) showGraph(name uint64, read func(io.Reader, int64) error) (err error) {
	path := s.graphPath(name)
	mapping, err := s.files.Map(path)
	if err != nil {
		return err
	}
	defer func() {
		if cut := filesystem.Intact(mapping); err == nil && cut != nil {
			err = errs.Wrap(cut, errs.InvalidInput, "the graph %s cannot be read: %v", path, cut)
		}
		err = errors.Join(err, mapping.Close())
	}()
	// A file that is cut while it is mapped, and a disk that cannot be read, fault.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			err = errs.New(errs.InvalidInput, "the graph %s cannot be read: %v", path, fault)
		}
	}()
	file := mapping.Bytes()
	if len(file) < graphHeaderBytes {
		return damagedGraph(path, "it is too short")
	}
	body := file[graphHeaderBytes:]
	size, sum := binary.LittleEndian.Uint64(file[36:]), binary.LittleEndian.Uint32(file[44:])
	switch {
	case !bytes.Equal(file[:graphHeaderBytes], s.graphHeader(name, int64(size), sum)):
		return damagedGraph(path, "its header is not that of this graph of this store")
	case size != uint64(len(body)):
		return damagedGraph(path, "its length is not what the header says")
	case crc32.Checksum(body, castagnoli) != sum:
		return damagedGraph(path, "it does not have its checksum")
	}
	if read == nil {
		return nil
	}
	return read(bytes.NewReader(body), int64(len(body)))
}

func damagedGraph(path, how string) error {
	return errs.New(errs.InvalidInput, "the graph %s is damaged: %s. The next app that searches its index approximately makes it anew, of the vectors", path, how)
}
