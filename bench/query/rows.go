package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/schema"
)

// values of the fields, drawn so that filters pass 1, 10 and 50 % of the rows.
const (
	brands = 100  // each in 1 % of the rows
	others = 1000 // shelves beside the three common ones
)

const batchRows = 2000

// rows makes batches of random rows until there are enough.
type rows struct {
	rng                    *rand.Rand
	next, total, dimension int
}

func (r *rows) Next(context.Context) (*schema.Batch, []engine.RowError, error) {
	if r.next == r.total {
		return nil, nil, io.EOF
	}
	n := min(batchRows, r.total-r.next)
	given := make([]bool, n)
	id, brand, shelf := schema.Column{Name: "id", Null: given}, schema.Column{Name: "brand", Null: given}, schema.Column{Name: "shelf", Null: given}
	price, stock := schema.Column{Name: "price", Null: given}, schema.Column{Name: "stock", Null: given}
	tags, vector := schema.Column{Name: "tags", Null: given}, schema.Column{Name: "vector", Null: given}
	for i := range n {
		id.Texts = append(id.Texts, fmt.Sprintf("row-%07d", r.next+i))
		brand.Texts = append(brand.Texts, fmt.Sprintf("brand-%02d", r.rng.IntN(brands)))
		shelf.Texts = append(shelf.Texts, r.shelf())
		price.Floats = append(price.Floats, r.rng.Float64())
		stock.Integers = append(stock.Integers, r.rng.Int64N(1000))
		tags.TextLists = append(tags.TextLists, []string{r.shelf(), r.shelf(), fmt.Sprintf("tag-%d", r.rng.IntN(others))})
		values := make([]float64, r.dimension)
		for j := range values {
			values[j] = r.rng.NormFloat64()
		}
		vector.FloatLists = append(vector.FloatLists, values)
	}
	r.next += n
	return &schema.Batch{Rows: n, Columns: []schema.Column{id, brand, shelf, price, stock, tags, vector}}, nil, nil
}

// shelf is one of three common texts, or one of many others.
func (r *rows) shelf() string {
	switch x := r.rng.Float64(); {
	case x < .50:
		return "half"
	case x < .60:
		return "tenth"
	case x < .61:
		return "hundredth"
	}
	return fmt.Sprintf("shelf-%d", r.rng.IntN(others))
}
