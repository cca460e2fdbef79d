package engine

import "sync"

// meter turns steps of work on a batch into rows done. It is told from several goroutines, and tells one at a time.
type meter struct {
	mu     sync.Mutex
	report Progress
	total  int64
	base   int64 // rows of batches that are done
	rows   int64 // of the batch in work
	steps  int64 // of the batch in work
	done   int64 // steps
	last   int64
}

func newMeter(report Progress, total int) *meter {
	return &meter{report: report, total: int64(total), last: -1}
}

// begin starts a batch that takes the given number of steps.
func (m *meter) begin(rows, steps int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows, m.steps, m.done = int64(rows), int64(steps), 0
	m.tell(m.base)
}

func (m *meter) step(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done = min(m.done+int64(n), m.steps)
	if m.steps > 0 {
		m.tell(m.base + m.rows*m.done/m.steps)
	}
}

// end says that all rows of the batch are done.
func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.base += m.rows
	m.rows, m.steps = 0, 0
	m.tell(m.base)
}

func (m *meter) tell(done int64) {
	if m.report == nil || done <= m.last {
		return
	}
	m.last = done
	total := m.total
	if total > 0 {
		total = max(total, done)
	}
	m.report(done, total)
}
