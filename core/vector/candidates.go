package vector

// candidates are rows and upper bounds of their scores, as a heap with the highest bound on top.
type candidates struct {
	rows   []int32
	bounds []float32
}

func (c *candidates) Len() int { return len(c.rows) }

// order makes a heap of what is there.
func (c *candidates) order() {
	for i := len(c.rows)/2 - 1; i >= 0; i-- {
		c.down(i)
	}
}

// pop takes the row of the highest bound out.
func (c *candidates) pop() int32 {
	row, last := c.rows[0], len(c.rows)-1
	c.rows[0], c.bounds[0] = c.rows[last], c.bounds[last]
	c.rows, c.bounds = c.rows[:last], c.bounds[:last]
	c.down(0)
	return row
}

func (c *candidates) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(c.rows) {
			return
		}
		if child+1 < len(c.rows) && c.bounds[child+1] > c.bounds[child] {
			child++
		}
		if !(c.bounds[child] > c.bounds[i]) {
			return
		}
		c.rows[i], c.rows[child] = c.rows[child], c.rows[i]
		c.bounds[i], c.bounds[child] = c.bounds[child], c.bounds[i]
		i = child
	}
}
