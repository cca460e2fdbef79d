package salvage

import (
	"encoding/binary"
	"errors"
	"io"
)

// writeAheadLog is where the latest committed contents of pages lie in a log.
type writeAheadLog struct {
	file   io.ReaderAt
	frames map[uint32]int64 // place of the content, by page
	size   uint32           // pages of the database after the latest commit; 0: there is none
}

const (
	logHeader   = 32
	frameHeader = 24
)

// readLog finds the commits of a log. As SQLite has it, it ends before the first frame that does not have its checksum.
func readLog(file io.ReaderAt) (*writeAheadLog, error) {
	log := &writeAheadLog{file: file, frames: map[uint32]int64{}}
	if file == nil {
		return log, nil
	}
	header := make([]byte, logHeader)
	if _, err := file.ReadAt(header, 0); err != nil {
		return log, errorOf(err)
	}
	const magic = 0x377f0682 // or with the last bit set, which tells the order of bytes in checksums
	found := binary.BigEndian.Uint32(header)
	if found&^1 != magic || binary.BigEndian.Uint32(header[8:]) != PageSize {
		return log, nil
	}
	sum := sums{big: found&1 == 1}
	if !sum.are(header[:24], header[24:]) {
		return log, nil
	}
	frame := make([]byte, frameHeader+PageSize)
	pending := map[uint32]int64{}
	for at := int64(logHeader); ; at += int64(len(frame)) {
		if n, err := file.ReadAt(frame, at); n < len(frame) {
			if errors.Is(err, io.EOF) {
				return log, nil
			}
			return log, err
		}
		sum.add(frame[:8])
		if string(frame[8:16]) != string(header[16:24]) || !sum.are(frame[frameHeader:], frame[16:frameHeader]) {
			return log, nil
		}
		pending[binary.BigEndian.Uint32(frame)] = at + frameHeader
		if size := binary.BigEndian.Uint32(frame[4:]); size > 0 {
			log.size = size
			for number, place := range pending {
				log.frames[number] = place
			}
			clear(pending)
		}
	}
}
