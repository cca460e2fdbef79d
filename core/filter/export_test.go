package filter

import "testing"

// EachPath runs a test with each set of instructions that the processor has.
func EachPath(t *testing.T, test func(t *testing.T)) {
	best := chosen
	defer func() { chosen = best }()
	for _, p := range paths() {
		chosen = p
		t.Run(p.String(), test)
	}
}
