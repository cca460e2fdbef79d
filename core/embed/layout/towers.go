package layout

// tower finds a graph under a name that this package chose, and the weights that lie beside it.
func (d *directory) tower(name string) (Tower, error) {
	graph, err := d.file(name, MaxGraphBytes)
	if err != nil {
		return Tower{}, err
	}
	return d.withWeights(graph)
}

// namedTower is tower for a name that stood in a file of the directory.
func (d *directory) namedTower(name, key string) (Tower, error) {
	graph, err := d.namedFile(name, key, MaxGraphBytes)
	if err != nil {
		return Tower{}, err
	}
	return d.withWeights(graph)
}

// withWeights adds external data under the two names that exporters give it.
// ONNX Runtime finds such files itself; they are listed because they decide the output.
func (d *directory) withWeights(graph File) (Tower, error) {
	tower := Tower{Graph: graph}
	const limit = 1 << 40
	for _, name := range []string{graph.Name + "_data", graph.Name + ".data"} {
		if !d.has(name) {
			continue
		}
		weights, err := d.file(name, limit)
		if err != nil {
			return Tower{}, err
		}
		tower.Weights = append(tower.Weights, weights)
	}
	return tower, nil
}
