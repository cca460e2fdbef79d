package graph

// #include "graph.h"
import "C"

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"unsafe"

	"github.com/innerspace/innerspace/core/errs"
)

// A stored graph is a header, the nodes, the lists of the upper layers, and the CRC-32C of all of these, little-endian. Nodes and lists
// lie as they do in memory, without what pads them there.
const (
	magic       = "inspgrph"
	version     = 1
	headerBytes = 64
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// WriteTo writes the graph in a form that Read takes. Searches go on meanwhile. The graph says nothing about
// which vectors it was made from: rows that change after it was written must be deleted from what is read.
func (g *Graph) WriteTo(w io.Writer) (int64, error) {
	g.changing.Lock() // nothing is added meanwhile; what is deleted may still be in what is written
	defer g.changing.Unlock()
	sum := crc32.New(castagnoli)
	out := io.MultiWriter(w, sum)
	written := int64(0)
	write := func(data []byte) error {
		n, err := out.Write(data)
		written += int64(n)
		return err
	}
	if err := g.copied(func() []byte { return g.header() }, write); err != nil {
		return written, err
	}
	for _, of := range []func() part{g.nodesPart, g.listsPart} {
		for i, more := 0, true; more; i += storedAtOnce {
			err := g.copied(func() (data []byte) {
				part := of()
				count := int(part.arena.count)
				for piece := i; piece < min(i+storedAtOnce, count); piece++ {
					data = append(data, part.piece(uint32(piece))...)
				}
				more = i+storedAtOnce < count
				return data
			}, write)
			if err != nil {
				return written, err
			}
		}
	}
	n, err := w.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
	return written + int64(n), err
}

// storedAtOnce pieces are copied for writing while nobody deletes.
const storedAtOnce = 256

// copied writes what is read from the C memory, which may go before it is written.
func (g *Graph) copied(read func() []byte, write func([]byte) error) error {
	g.mu.RLock()
	if g.memory.graph == nil {
		g.mu.RUnlock()
		return errs.New(errs.InvalidState, "the approximate index is closed")
	}
	data := read()
	g.mu.RUnlock()
	return write(data)
}

// part is one of the two kinds of things that a graph is stored as.
type part struct {
	arena *C.graph_arena
	bytes int // of a piece
}

func (g *Graph) nodesPart() part {
	return part{&g.memory.graph.nodes, int(C.innerspace_graph_node_bytes(g.memory.graph))}
}

func (g *Graph) listsPart() part {
	return part{&g.memory.graph.lists, int(C.innerspace_graph_list_bytes(g.memory.graph))}
}

func (p part) piece(i uint32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(C.graph_piece(p.arena, C.uint32_t(i)))), p.bytes)
}

func (g *Graph) header() []byte {
	memory := g.memory.graph
	order := binary.LittleEndian
	header := order.AppendUint32([]byte(magic), version)
	header = order.AppendUint32(header, uint32(g.dimension))
	header = order.AppendUint32(header, uint32(g.options.Neighbours))
	header = order.AppendUint32(header, uint32(g.options.BuildWidth))
	header = order.AppendUint64(header, g.options.Seed)
	header = order.AppendUint64(header, g.serial)
	header = order.AppendUint32(header, uint32(memory.nodes.count))
	header = order.AppendUint32(header, uint32(memory.lists.count))
	header = order.AppendUint64(header, uint64(memory.entry))
	header = order.AppendUint32(header, math.Float32bits(float32(memory.length)))
	return order.AppendUint32(header, uint32(memory.uneven))
}

func damaged(what string) error {
	return errs.New(errs.InvalidInput, "the stored approximate index is damaged: %s. Build it anew from the rows", what)
}

// Read makes a graph from what WriteTo wrote, whatever else data may be: an error says what is wrong with it. rows is the number
// that the numbers of all rows are below. data is copied.
func Read(data []byte, rows, workers int) (*Graph, error) {
	order := binary.LittleEndian
	if len(data) < headerBytes+4 || string(data[:len(magic)]) != magic {
		return nil, damaged("it does not begin like one")
	}
	if found := order.Uint32(data[8:]); found != version {
		return nil, errs.New(errs.Unsupported, "the stored approximate index has the format %d, this library reads %d. Build it anew from the rows", found, version)
	}
	body, sum := data[:len(data)-4], order.Uint32(data[len(data)-4:])
	if crc32.Checksum(body, castagnoli) != sum {
		return nil, damaged("its checksum does not fit")
	}
	field := func(at int) int { return int(order.Uint32(data[at:])) }
	g, err := New(field(12), Options{Neighbours: field(16), BuildWidth: field(20), Seed: order.Uint64(data[24:]), Workers: workers})
	if err != nil {
		return nil, err
	}
	if err := g.read(body, rows); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

func (g *Graph) read(body []byte, rows int) error {
	order := binary.LittleEndian
	g.serial = order.Uint64(body[32:])
	nodes, lists := order.Uint32(body[40:]), order.Uint32(body[44:])
	parts := [...]part{g.nodesPart(), g.listsPart()}
	// Both counts have 32 bits and a piece has less than 2^20 bytes, so nothing overflows.
	if uint64(len(body)) != headerBytes+uint64(nodes)*uint64(parts[0].bytes)+uint64(lists)*uint64(parts[1].bytes) {
		return damaged("its length does not fit what it says it holds")
	}
	memory := g.memory.graph
	if !bool(C.innerspace_graph_reserve(memory, C.size_t(nodes), C.size_t(lists))) {
		return outOfMemory()
	}
	memory.nodes.count, memory.lists.count = C.uint32_t(nodes), C.uint32_t(lists)
	memory.entry = C.uint64_t(order.Uint64(body[48:]))
	length, uneven := math.Float32frombits(order.Uint32(body[56:])), order.Uint32(body[60:])
	if !(length >= 0 && length <= math.MaxFloat32) || uneven > 1 {
		return damaged("a length is none")
	}
	memory.length, memory.uneven = C.float(length), C.uint8_t(uneven)
	at := headerBytes
	for _, part := range parts {
		for i := range uint32(part.arena.count) {
			at += copy(part.piece(i), body[at:at+part.bytes])
		}
	}
	if !bool(C.innerspace_graph_check(memory, C.uint32_t(min(max(rows, 0), math.MaxUint32)))) {
		return damaged("a node is not what it should be")
	}
	return g.readRows()
}

// readRows finds the nodes of rows.
func (g *Graph) readRows() error {
	for node := range uint32(g.memory.graph.nodes.count) {
		row := uint32(C.innerspace_graph_row(g.memory.graph, C.uint32_t(node)))
		if row == C.GRAPH_NONE {
			g.deleted++
			continue
		}
		g.grow(int(row))
		if g.nodes[row] > 0 {
			return damaged("a row is there twice")
		}
		g.nodes[row] = node + 1
		g.linked.Add(int(row))
		g.rows++
	}
	return nil
}
