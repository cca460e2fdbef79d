package disk_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
)

// killIDs is how many rows the store of the kill test can have beside the one that counts the steps.
const killIDs = 300

// killTables has one coded index.
func killTables() []store.Table {
	return []store.Table{{Schema: "Image", Fields: 1, Index: map[string]int{"wide": 40}}}
}

// killChange puts a row at a step: its vector tells which.
func killChange(id string, step int) store.Change {
	vector := make([]float32, 40)
	for i := range vector {
		vector[i] = float32(step) + float32(i)/64 + float32(len(id))
	}
	return store.Change{ID: id, Values: []schema.Value{schema.IntegerValue(int64(step))}, Vectors: map[string][]float32{"wide": vector}}
}

// killStep is what is done at a step: rows put as one commit, and every fifth time rows deleted in one of their own before it.
func killStep(step int) (deleted []string, put []store.Change) {
	rng := rand.New(rand.NewPCG(uint64(step), 11))
	if step%5 == 0 {
		for range rng.IntN(20) {
			deleted = append(deleted, fmt.Sprint("row ", rng.IntN(killIDs)))
		}
	}
	put = []store.Change{killChange("step", step)}
	for range rng.IntN(40) {
		put = append(put, killChange(fmt.Sprint("row ", rng.IntN(killIDs)), step))
	}
	return deleted, put
}

// killCheck sees to it that every row is that of one step, and returns the steps by id.
func killCheck(snapshot store.Snapshot) (map[string]int, error) {
	found := map[string]int{}
	for _, block := range snapshot.Blocks("wide") {
		for i := range block.Rows {
			if block.Live != nil && block.Live[i/64]&(1<<(i%64)) == 0 {
				continue
			}
			row := block.First + i
			id, values := snapshot.ID(row), snapshot.Values(row)
			step := int(values[0].Integer())
			want := killChange(id, step).Vectors["wide"]
			for j, value := range block.Vectors[i*40 : (i+1)*40] {
				if value != want[j] {
					return nil, fmt.Errorf("row %q of step %d has %v at %d, not %v", id, step, value, j, want[j])
				}
			}
			if _, twice := found[id]; twice {
				return nil, fmt.Errorf("row %q is there twice", id)
			}
			found[id] = step
		}
	}
	if len(found) != snapshot.Rows() {
		return nil, fmt.Errorf("%d rows in the blocks of %d", len(found), snapshot.Rows())
	}
	for id, step := range found {
		if step > found["step"] {
			return nil, fmt.Errorf("row %q is of step %d, which is not there yet", id, step)
		}
	}
	return found, nil
}

// TestMain runs a process of the kill test where the environment says so.
func TestMain(m *testing.M) {
	path := os.Getenv("INNERSPACE_KILL_STORE")
	var err error
	switch os.Getenv("INNERSPACE_KILL_ROLE") {
	case "writer":
		err = killWriter(path)
	case "reader":
		err = killReader(path)
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// killWriter does steps from the one after that which is stored, and says each that was acknowledged, until it is killed.
func killWriter(path string) error {
	s, err := disk.Open(path, disk.Options{Durability: disk.Durability(os.Getenv("INNERSPACE_KILL_DURABILITY"))})
	if err != nil {
		return err
	}
	if err := s.Define(killTables(), nil); err != nil {
		return err
	}
	step := 0
	err = s.Read("Image", func(snapshot store.Snapshot) error {
		if row, found := snapshot.Find("step"); found {
			step = int(row.Values[0].Integer())
		}
		return nil
	})
	for err == nil {
		step++
		deleted, put := killStep(step)
		if len(deleted) > 0 {
			if _, _, err = s.Delete("Image", deleted); err != nil {
				break
			}
		}
		if _, err = s.Commit("Image", put); err != nil {
			break
		}
		if step%7 == 0 {
			if _, err = keepGraph(s, "Image", "wide"); err != nil {
				break
			}
		}
		fmt.Println(step)
		if step%30 == 0 {
			_, err = s.Compact(context.Background())
		}
	}
	return err
}

// killReader reads the store again and again, sometimes opened anew, until its standard input ends.
func killReader(path string) error {
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	latest, reads := 0, 0
	for {
		s, err := disk.Open(path, disk.Options{ReadOnly: true})
		if err != nil {
			return err
		}
		for range 50 {
			err := s.Read("Image", func(snapshot store.Snapshot) error {
				found, err := killCheck(snapshot)
				if err == nil && found["step"] < latest {
					err = fmt.Errorf("step %d came after %d", found["step"], latest)
				}
				latest = found["step"]
				return err
			})
			if err == nil {
				err = killCheckGraph(s)
			}
			if err != nil {
				return errors.Join(err, s.Close())
			}
			if reads++; reads%10 == 0 {
				select {
				case <-ended:
					fmt.Println(reads)
					return s.Close()
				default:
				}
			}
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
}

// killCheckGraph compares the graph with the rows.
func killCheckGraph(s *disk.Store) error {
	described, _, err := readGraph(s, "Image", "wide")
	if err != nil {
		return err
	}
	return s.Read("Image", func(snapshot store.Snapshot) error { return checkGraph(snapshot, "wide", described) })
}

// TestKilledProcesses kills a process that writes, again and again, while two others read: each row that it said it had stored is
// there, and nobody ever sees anything else than the state after a commit. INNERSPACE_KILL_CYCLES is the number of kills (20).
func TestKilledProcesses(t *testing.T) {
	cycles := 20
	if given, err := strconv.Atoi(os.Getenv("INNERSPACE_KILL_CYCLES")); err == nil {
		cycles = given
	}
	for _, durability := range []string{"full", "fast"} {
		t.Run(durability, func(t *testing.T) { killCycles(t, cycles/2, durability) })
	}
}

func killCycles(t *testing.T, cycles int, durability string) {
	path := filepath.Join(t.TempDir(), "store")
	s, err := disk.Open(path, disk.Options{})
	require.NoError(t, err)
	require.NoError(t, s.Define(killTables(), nil))
	require.NoError(t, s.Close())
	finish := []func(){startReader(t, path), startReader(t, path)}
	rng := rand.New(rand.NewPCG(uint64(cycles), 5))
	state, step := map[string]int{}, 0
	acknowledgedAtAll := 0
	for cycle := range cycles {
		acknowledged := runWriter(t, path, durability, time.Duration(rng.IntN(60))*time.Millisecond)
		s, err := disk.Open(path, disk.Options{ReadOnly: true})
		require.NoError(t, err)
		var found map[string]int
		require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) (err error) {
			found, err = killCheck(snapshot)
			return err
		}))
		require.NoError(t, s.Close())
		require.GreaterOrEqual(t, found["step"], max(acknowledged, step), "cycle %d: an acknowledged commit is lost", cycle)
		acknowledgedAtAll += max(0, acknowledged-step)
		for ; step < found["step"]; step++ {
			deleted, put := killStep(step + 1)
			for _, id := range deleted {
				delete(state, id)
			}
			for _, change := range put {
				state[change.ID] = step + 1
			}
		}
		if len(found) != len(state) { // the rows of the step after it may be deleted already
			deleted, _ := killStep(step + 1)
			for _, id := range deleted {
				delete(state, id)
			}
		}
		require.Equal(t, state, found, "cycle %d", cycle)
	}
	for _, end := range finish {
		end()
	}
	report, err := disk.Verify(t.Context(), path, disk.Options{})
	require.NoError(t, err)
	require.Empty(t, report.Damage)
	t.Logf("%d kills, %d commits acknowledged, %d rows", cycles, acknowledgedAtAll, report.Rows)
}

func child(path, role, durability string) *exec.Cmd {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "INNERSPACE_KILL_STORE="+path, "INNERSPACE_KILL_ROLE="+role, "INNERSPACE_KILL_DURABILITY="+durability)
	return command
}

// startReader starts a process that reads; what it returns ends it, and fails where it saw anything wrong.
func startReader(t *testing.T, path string) func() {
	command := child(path, "reader", "")
	input, err := command.StdinPipe()
	require.NoError(t, err)
	var output strings.Builder
	command.Stderr, command.Stdout = &output, &output
	require.NoError(t, command.Start())
	return func() {
		require.NoError(t, input.Close())
		require.NoError(t, command.Wait(), "%s", &output)
		t.Logf("a reader read the store %s times", strings.TrimSpace(output.String()))
	}
}

// runWriter starts a process that writes, kills it a while after its first commit, and returns the latest step that it said was stored.
func runWriter(t *testing.T, path, durability string, after time.Duration) (acknowledged int) {
	command := child(path, "writer", durability)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	var problems strings.Builder
	command.Stderr = &problems
	require.NoError(t, command.Start())
	lines := bufio.NewScanner(output)
	killed := false
	for lines.Scan() {
		acknowledged, err = strconv.Atoi(lines.Text())
		require.NoError(t, err)
		if !killed {
			killed = true
			time.AfterFunc(after, func() { _ = command.Process.Kill() })
		}
	}
	_ = command.Wait()
	require.True(t, killed, "the writer ended by itself: %s", &problems)
	require.Empty(t, problems.String())
	return acknowledged
}
