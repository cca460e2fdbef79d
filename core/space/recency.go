package space

import (
	"math"
	"slices"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/schema"
)

const (
	daySeconds           = 24 * 60 * 60
	defaultPeriodSeconds = 14 * daySeconds
	maxPeriods           = 256
)

// period is a stretch of time that ends with the present day, and its weight.
type period struct {
	seconds int64
	weight  float64
}

// recencySpace ranks by a timestamp: the closer to the present the better, over one or more periods.
//
// All periods end at the end of the present day (UTC) plus the offset, and begin their length before it. For a timestamp x
// within a period of weight w, both ends included, the vector has the pair (w cos r, w sin r), where
//
//	r = (x - start) / (end - start) * pi/2,
//
// else the pair (0, 0). One more entry, protected, is the negative filter where x lies outside the longest period and
// 0 within. The pairs, shortest period first, are divided by K = sqrt(sum of w^2). A row without a timestamp has zeros.
//
// At query the present itself is embedded, with 1 as the last entry. A stored row is turned back into a timestamp by
// the longest period, and aggregated with the present, which has the weight 1.
type recencySpace struct {
	single
	periods        []period // shortest first
	offset         int64    // seconds
	aggregation    aggregation
	negativeFilter float64
	norm           float64 // K
}

func readRecencySpace(node document.Node, schemas Schemas) Definition {
	object := node.Object(append(singleKeys, "periods", "offset_seconds", "aggregation", "negative_filter")...)
	s := &recencySpace{single: readSingle(object, schemas, "timestamp", []schema.Type{schema.Timestamp}, nil, nil)}
	if offset, ok := object.Get("offset_seconds"); ok && !offset.IsNull() {
		s.offset = offset.Integer(math.MinInt32, math.MaxInt32)
		if s.offset >= daySeconds || s.offset <= -daySeconds {
			offset.Fail("Time period hour offset must be less than a day.")
		}
	}
	s.readPeriods(object)
	s.aggregation = readAggregation(object)
	if filter, ok := object.Get("negative_filter"); ok && !filter.IsNull() {
		s.negativeFilter = filter.Number()
		checkEntry(filter, s.negativeFilter)
	}
	return s
}

func (s *recencySpace) readPeriods(object document.Object) {
	list, given := object.Get("periods")
	if given && !list.IsNull() {
		for _, item := range list.List(maxPeriods) {
			entry := item.Object("seconds", "weight")
			p := period{weight: 1}
			seconds := entry.Need("seconds")
			if p.seconds = seconds.Integer(math.MinInt64, maxPeriodSeconds); p.seconds < 1 {
				seconds.Fail("Period_time parameter must be a positive time period, at least 1 seconds. Got %d seconds.", p.seconds)
			}
			if weight, ok := entry.Get("weight"); ok && !weight.IsNull() {
				p.weight = weight.Number()
				checkEntry(weight, p.weight)
			}
			s.periods = append(s.periods, p)
		}
	}
	if len(s.periods) == 0 {
		s.periods = []period{{defaultPeriodSeconds, 1}}
	}
	slices.SortStableFunc(s.periods, func(a, b period) int { return int(max(-1, min(1, a.seconds-b.seconds))) })
	squares := 0.0
	for _, p := range s.periods {
		squares += p.weight * p.weight
	}
	if s.norm = math.Sqrt(squares); s.norm == 0 {
		list.Fail("Normalization length cannot be zero.")
	}
}

// maxPeriodSeconds keeps the arithmetic of periods far from the bounds of int64.
const maxPeriodSeconds = 1 << 40

func (s *recencySpace) Identity() string {
	return s.identity("recency_space", s.periods, s.offset, s.aggregation, s.negativeFilter)
}

// IdentityFor leaves the fields of other schemas out.
func (s *recencySpace) IdentityFor(schema string) string {
	restricted := *s
	restricted.fields = only(s.fields, schema)
	return restricted.Identity()
}

func (s *recencySpace) Build(Embedder, embed.Info) (Space, error) { return s, nil }

func (s *recencySpace) Dimension() int { return 2*len(s.periods) + 1 }

func (s *recencySpace) Target(string) (Target, error) { return noTarget("RecencySpace") }
