package graph

// #include "graph.h"
import "C"

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash"
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
	return ReadFrom(bytes.NewReader(data), int64(len(data)), rows, workers)
}

// ReadFrom is Read of what a reader gives, size bytes of it. No more memory is taken than these need.
func ReadFrom(from io.Reader, size int64, rows, workers int) (*Graph, error) {
	r := &reading{from: from, sum: crc32.New(castagnoli)}
	order := binary.LittleEndian
	if size < headerBytes+4 {
		return nil, damaged("it does not begin like one")
	}
	header := make([]byte, headerBytes)
	if err := r.read(header); err != nil {
		return nil, err
	}
	if string(header[:len(magic)]) != magic {
		return nil, damaged("it does not begin like one")
	}
	if found := order.Uint32(header[8:]); found != version {
		return nil, errs.New(errs.Unsupported, "the stored approximate index has the format %d, this library reads %d. Build it anew from the rows", found, version)
	}
	field := func(at int) int { return int(order.Uint32(header[at:])) }
	g, err := New(field(12), Options{Neighbours: field(16), BuildWidth: field(20), Seed: order.Uint64(header[24:]), Workers: workers})
	if err != nil {
		return nil, err
	}
	if err := g.read(header, r, size, rows); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

// reading reads a stored graph and adds its checksum up.
type reading struct {
	from io.Reader
	sum  hash.Hash32
}

func (r *reading) read(into []byte) error {
	_, err := io.ReadFull(r.from, into)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return damaged("it ends too early")
	}
	if err != nil {
		return errs.From(err)
	}
	_, _ = r.sum.Write(into)
	return nil
}

func (g *Graph) read(header []byte, r *reading, size int64, rows int) error {
	order := binary.LittleEndian
	g.serial = order.Uint64(header[32:])
	nodes, lists := order.Uint32(header[40:]), order.Uint32(header[44:])
	parts := [...]part{g.nodesPart(), g.listsPart()}
	// Both counts have 32 bits and a piece has less than 2^20 bytes, so nothing overflows.
	if uint64(size) != headerBytes+uint64(nodes)*uint64(parts[0].bytes)+uint64(lists)*uint64(parts[1].bytes)+4 {
		return damaged("its length does not fit what it says it holds")
	}
	memory := g.memory.graph
	if !bool(C.innerspace_graph_reserve(memory, C.size_t(nodes), C.size_t(lists))) {
		return outOfMemory()
	}
	memory.nodes.count, memory.lists.count = C.uint32_t(nodes), C.uint32_t(lists)
	memory.entry = C.uint64_t(order.Uint64(header[48:]))
	length, uneven := math.Float32frombits(order.Uint32(header[56:])), order.Uint32(header[60:])
	if !(length >= 0 && length <= math.MaxFloat32) || uneven > 1 {
		return damaged("a length is none")
	}
	memory.length, memory.uneven = C.float(length), C.uint8_t(uneven)
	for _, part := range parts {
		if err := part.read(r); err != nil {
			return err
		}
	}
	expected, sum := r.sum.Sum32(), make([]byte, 4)
	if err := r.read(sum); err != nil {
		return err
	}
	if order.Uint32(sum) != expected {
		return damaged("its checksum does not fit")
	}
	if !bool(C.innerspace_graph_check(memory, C.uint32_t(min(max(rows, 0), math.MaxUint32)))) {
		return damaged("a node is not what it should be")
	}
	return g.readRows()
}

// read fills the pieces.
func (p part) read(r *reading) error {
	buffer := make([]byte, storedAtOnce*p.bytes)
	count := uint32(p.arena.count)
	for first := uint32(0); first < count; first += storedAtOnce {
		some := min(storedAtOnce, count-first)
		bytes := buffer[:int(some)*p.bytes]
		if err := r.read(bytes); err != nil {
			return err
		}
		for i := range some {
			copy(p.piece(first+i), bytes[int(i)*p.bytes:])
		}
	}
	return nil
}

// readRows finds the nodes of rows.
func (g *Graph) readRows() error {
	for node := range uint32(g.memory.graph.nodes.count) {
		row := uint32(C.innerspace_graph_row(g.memory.graph, C.uint32_t(node)))
		if row == C.GRAPH_NONE {
			g.deleted++
			if C.graph_node(g.memory.graph, C.uint32_t(node)).bypassed == 0 {
				g.gone.add(g.code(node), node)
			}
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
