package arrowstream

import (
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/innerspace/innerspace/core/errs"
)

// shape is how the buffers of a type lie in memory.
type shape uint8

const (
	nullShape   shape = iota // no buffers
	fixedShape               // validity, values of `bits` each
	offset32                 // validity, int32 offsets, bytes
	offset64                 // validity, int64 offsets, bytes
	viewShape                // validity, views, bytes..., int64 sizes
	list32                   // validity, int32 offsets; one child
	list64                   // validity, int64 offsets; one child
	fixedList                // validity; one child of `size` values a row
	structShape              // validity; any number of children
)

// layout is a checked schema node: the arrow type and what its arrays must look like.
type layout struct {
	name       string
	nullable   bool
	dataType   arrow.DataType
	shape      shape
	bits       int64 // fixedShape
	size       int64 // fixedList
	children   []*layout
	dictionary *layout // the values; dataType is then a dictionary, and shape and bits are those of the index
}

func (l *layout) field() arrow.Field {
	return arrow.Field{Name: l.name, Type: l.dataType, Nullable: l.nullable}
}

func (l *layout) fields() []arrow.Field {
	fields := make([]arrow.Field, len(l.children))
	for i, c := range l.children {
		fields[i] = c.field()
	}
	return fields
}

var simpleFormats = map[string]struct {
	dataType arrow.DataType
	shape    shape
}{
	"n": {arrow.Null, nullShape},
	"b": {arrow.FixedWidthTypes.Boolean, fixedShape},
	"c": {arrow.PrimitiveTypes.Int8, fixedShape}, "C": {arrow.PrimitiveTypes.Uint8, fixedShape},
	"s": {arrow.PrimitiveTypes.Int16, fixedShape}, "S": {arrow.PrimitiveTypes.Uint16, fixedShape},
	"i": {arrow.PrimitiveTypes.Int32, fixedShape}, "I": {arrow.PrimitiveTypes.Uint32, fixedShape},
	"l": {arrow.PrimitiveTypes.Int64, fixedShape}, "L": {arrow.PrimitiveTypes.Uint64, fixedShape},
	"e": {arrow.FixedWidthTypes.Float16, fixedShape},
	"f": {arrow.PrimitiveTypes.Float32, fixedShape}, "g": {arrow.PrimitiveTypes.Float64, fixedShape},
	"z": {arrow.BinaryTypes.Binary, offset32}, "Z": {arrow.BinaryTypes.LargeBinary, offset64},
	"u": {arrow.BinaryTypes.String, offset32}, "U": {arrow.BinaryTypes.LargeString, offset64},
	"vz": {arrow.BinaryTypes.BinaryView, viewShape}, "vu": {arrow.BinaryTypes.StringView, viewShape},
	"tdD": {arrow.FixedWidthTypes.Date32, fixedShape}, "tdm": {arrow.FixedWidthTypes.Date64, fixedShape},
	"tts": {arrow.FixedWidthTypes.Time32s, fixedShape}, "ttm": {arrow.FixedWidthTypes.Time32ms, fixedShape},
	"ttu": {arrow.FixedWidthTypes.Time64us, fixedShape}, "ttn": {arrow.FixedWidthTypes.Time64ns, fixedShape},
	"tDs": {arrow.FixedWidthTypes.Duration_s, fixedShape}, "tDm": {arrow.FixedWidthTypes.Duration_ms, fixedShape},
	"tDu": {arrow.FixedWidthTypes.Duration_us, fixedShape}, "tDn": {arrow.FixedWidthTypes.Duration_ns, fixedShape},
	"tiM": {arrow.FixedWidthTypes.MonthInterval, fixedShape},
	"tiD": {arrow.FixedWidthTypes.DayTimeInterval, fixedShape},
	"tin": {arrow.FixedWidthTypes.MonthDayNanoInterval, fixedShape},
}

var timestampUnits = map[string]arrow.TimeUnit{
	"tss": arrow.Second, "tsm": arrow.Millisecond, "tsu": arrow.Microsecond, "tsn": arrow.Nanosecond,
}

// listChild is the one child of a list.
func (l *layout) listChild(format string) (arrow.Field, error) {
	if len(l.children) != 1 {
		return arrow.Field{}, invalid("the Arrow format %q needs 1 child, the schema has %d", format, len(l.children))
	}
	return l.children[0].field(), nil
}

// resolve finds the type of a format and the shape of its arrays; the children of l are resolved already.
// Columns that nothing reads still have to be skipped, so it knows more types than a row can use.
func (l *layout) resolve(format string) error {
	if simple, ok := simpleFormats[format]; ok {
		l.dataType, l.shape = simple.dataType, simple.shape
		if fixed, ok := simple.dataType.(arrow.FixedWidthDataType); ok {
			l.bits = int64(fixed.BitWidth())
		}
		return l.withoutChildren(format)
	}
	kind, parameters, _ := strings.Cut(format, ":")
	if unit, ok := timestampUnits[kind]; ok {
		l.dataType, l.shape, l.bits = &arrow.TimestampType{Unit: unit, TimeZone: parameters}, fixedShape, 64
		return l.withoutChildren(format)
	}
	switch kind {
	case "w":
		width, err := count(format, parameters)
		if err != nil {
			return err
		}
		l.dataType, l.shape, l.bits = &arrow.FixedSizeBinaryType{ByteWidth: int(width)}, fixedShape, 8*width
		return l.withoutChildren(format)
	case "d":
		return l.resolveDecimal(format, parameters)
	case "+s":
		l.dataType, l.shape = arrow.StructOf(l.fields()...), structShape
		return nil
	case "+l", "+m": // a map lies in memory as a list of structs does, and nothing here looks into one
		child, err := l.listChild(format)
		if err != nil {
			return err
		}
		l.dataType, l.shape = arrow.ListOfField(child), list32
		return nil
	case "+L":
		child, err := l.listChild(format)
		if err != nil {
			return err
		}
		l.dataType, l.shape = arrow.LargeListOfField(child), list64
		return nil
	case "+w":
		size, err := count(format, parameters)
		if err != nil {
			return err
		}
		child, err := l.listChild(format)
		if err != nil {
			return err
		}
		l.dataType, l.shape, l.size = arrow.FixedSizeListOfField(int32(size), child), fixedList, size
		return nil
	case "+vl", "+vL", "+ud", "+us", "+r":
		return errs.New(errs.Unsupported,
			"the Arrow format %q (a list view, union or run-end encoded column) is not read; leave the column out or cast it", format)
	}
	return invalid("%q is not a known Arrow format", format)
}

func (l *layout) resolveDecimal(format, parameters string) error {
	parts := strings.Split(parameters, ",")
	numbers := make([]int64, len(parts))
	for i, part := range parts {
		n, err := strconv.ParseInt(part, 10, 32)
		if err != nil {
			return invalid("the Arrow format %q is malformed", format)
		}
		numbers[i] = n
	}
	width := int64(128)
	switch {
	case len(numbers) == 3:
		width = numbers[2]
	case len(numbers) != 2:
		return invalid("the Arrow format %q is malformed", format)
	}
	l.shape, l.bits = fixedShape, width
	switch width {
	case 128:
		l.dataType = &arrow.Decimal128Type{Precision: int32(numbers[0]), Scale: int32(numbers[1])}
	case 256:
		l.dataType = &arrow.Decimal256Type{Precision: int32(numbers[0]), Scale: int32(numbers[1])}
	default:
		return errs.New(errs.Unsupported, "decimals of %d bits are not read; leave the column out or cast it", width)
	}
	return l.withoutChildren(format)
}

// resolveDictionary makes l, resolved as the index, a dictionary of values.
func (l *layout) resolveDictionary(values *layout) error {
	if !arrow.IsInteger(l.dataType.ID()) {
		return invalid("the indices of a dictionary are %s; they must be integers", l.dataType)
	}
	l.dictionary = values
	l.dataType = &arrow.DictionaryType{IndexType: l.dataType, ValueType: values.dataType}
	return nil
}

func (l *layout) withoutChildren(format string) error {
	if len(l.children) != 0 {
		return invalid("the Arrow format %q takes no children, the schema has %d", format, len(l.children))
	}
	return nil
}

func count(format, number string) (int64, error) {
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil || n < 0 || n > math.MaxInt32 {
		return 0, invalid("the Arrow format %q is malformed", format)
	}
	return n, nil
}

func invalid(format string, args ...any) error {
	return errs.New(errs.InvalidInput, format, args...)
}
