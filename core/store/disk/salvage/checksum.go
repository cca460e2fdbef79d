package salvage

import (
	"encoding/binary"
	"math/bits"
)

// checksum is that of a page, as https://www.sqlite.org/cksumvfs.html has it.
func checksum(content []byte) uint64 {
	var of sums
	of.add(content[:usable])
	return uint64(of.s2)<<32 | uint64(of.s1)
}

// sums are the two numbers that SQLite adds the words of a page or of a log up to.
type sums struct {
	s1, s2 uint32
	big    bool // big-endian words
}

func (s *sums) add(bytes []byte) {
	word := binary.LittleEndian.Uint32
	if s.big {
		word = binary.BigEndian.Uint32
	}
	for ; len(bytes) >= 8; bytes = bytes[8:] {
		s.s1 += word(bytes) + s.s2
		s.s2 += word(bytes[4:]) + s.s1
	}
}

// are adds bytes and says whether the sums are then those that are stored in a log.
func (s *sums) are(bytes, stored []byte) bool {
	s.add(bytes)
	return s.s1 == binary.BigEndian.Uint32(stored) && s.s2 == binary.BigEndian.Uint32(stored[4:])
}

// weights are by how much the two halves of the checksum grow with each word of a page.
var weights = func() (weights [usable / 4][2]uint32) {
	first, second := [2]uint32{1, 1}, [2]uint32{0, 1}
	for at := len(weights) - 2; at >= 0; at -= 2 {
		weights[at], weights[at+1] = first, second
		for _, w := range []*[2]uint32{&first, &second} {
			w[0] += w[1]
			w[1] += w[0]
		}
	}
	return weights
}()

// mendable is how many bits of a word, from the lowest on, can be turned back. The weights are Fibonacci numbers modulo 2^32; those of two words of a
// page differ modulo 2^(32-bit), so that no change within one word looks like a flipped bit of another, up to this one.
const mendable = 22

// mend turns the one bit of a page back that makes its checksum right, as in a page of which memory or a disk flipped one.
func mend(content []byte) bool {
	stored, found := binary.LittleEndian.Uint64(content[usable:]), checksum(content)
	if wrong := stored ^ found; bits.OnesCount64(wrong) == 1 && bits.TrailingZeros64(wrong)%32 < mendable {
		binary.LittleEndian.PutUint64(content[usable:], found)
		return true
	}
	missing := [2]uint32{uint32(stored) - uint32(found), uint32(stored>>32) - uint32(found>>32)}
	for at, weight := range weights {
		word := binary.LittleEndian.Uint32(content[at*4:])
		for bit := range mendable {
			change := uint32(1) << bit
			if word&change != 0 {
				change = -change
			}
			if weight[0]*change == missing[0] && weight[1]*change == missing[1] {
				binary.LittleEndian.PutUint32(content[at*4:], word+change)
				return true
			}
		}
	}
	return false
}
