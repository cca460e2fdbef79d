package disk

import (
	"encoding/binary"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/store/disk/record"
)

// sumPrefix begins the names under which the checksums of metadata lie beside them. Those of pages miss one that was lost and is all zeros.
const sumPrefix = "checksum of "

// Metadata returns a value that was stored under a name; false where there is none.
func (s *Store) Metadata(name string) (value []byte, found bool, err error) {
	err = s.latest(func(r reading) error {
		metadata, err := r.connection.metadata()
		if err != nil {
			return explain(err, s.path)
		}
		value, found = metadata[name]
		return nil
	})
	return value, found, err
}

// metadata reads what is stored by name, in agreement with the checksums.
func (c *connection) metadata() (map[string][]byte, error) {
	metadata := map[string][]byte{}
	err := c.query("SELECT name, value FROM metadata", nil, func(row *sqlite3.Stmt) error {
		metadata[row.ColumnText(0)] = row.ColumnBlob(1, []byte{})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return metadata, checkMetadata(metadata)
}

// checkMetadata compares values with their checksums, where there are any, and takes these out.
func checkMetadata(metadata map[string][]byte) error {
	for name, sum := range metadata {
		of, is := strings.CutPrefix(name, sumPrefix)
		if !is {
			continue
		}
		if value, there := metadata[of]; !there || len(sum) != 4 || binary.LittleEndian.Uint32(sum) != record.Sum(value) {
			return damagedCatalogue("a value under the name %q that does not have its checksum", of)
		}
		delete(metadata, name)
	}
	return nil
}

// setMetadata stores metadata by name; nil removes.
func (c *connection) setMetadata(metadata map[string][]byte) error {
	for name, value := range metadata {
		var err error
		if value == nil {
			err = c.exec("DELETE FROM metadata WHERE name IN (?, ?)", name, sumPrefix+name)
		} else {
			sum := binary.LittleEndian.AppendUint32(nil, record.Sum(value))
			err = c.exec("INSERT OR REPLACE INTO metadata(name, value) VALUES(?, ?), (?, ?)", name, value, sumPrefix+name, sum)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
