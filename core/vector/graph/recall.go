package graph

import (
	"github.com/innerspace/innerspace/core/vector"
)

// Recall is the share of the best rows that Search finds, measured on queries against the exact search, whose Query is not looked
// at. A row counts that scores as high as the last of the best, so that among rows of equal score it does not matter which are found. It is 1
// where there is nothing to find.
func (g *Graph) Recall(queries [][]float32, search vector.Search, width int, blocks []vector.Block) (float64, error) {
	found, there := 0, 0
	for _, query := range queries {
		search.Query = query
		best, err := search.Run(blocks)
		if err != nil {
			return 0, err
		}
		hits, err := g.Search(search, width, blocks)
		if err != nil {
			return 0, err
		}
		there += len(best)
		for _, hit := range hits {
			if hit.Score >= best[len(best)-1].Score {
				found++
			}
		}
	}
	if there == 0 {
		return 1, nil
	}
	return float64(min(found, there)) / float64(there), nil
}
