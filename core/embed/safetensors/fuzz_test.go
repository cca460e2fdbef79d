package safetensors

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"testing"

	"github.com/innerspace/innerspace/core/errs"
)

// FuzzHeader holds readTensors to its promise: an *errs.Error that is no fault of ours, or tensors that cover
// the file behind its header, each byte once.
func FuzzHeader(f *testing.F) {
	seed := func(header string, data int) {
		content := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		f.Add(append(append(content, header...), make([]byte, data)...))
	}
	seed(`{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[3],"data_offsets":[8,14]}}`, 14)
	seed(`{"a":{"dtype":"F16","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F16","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,9223372036854775807]}}`, 3)
	seed(`{"é":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}  `, 1)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, '{'})
	f.Fuzz(func(t *testing.T, content []byte) {
		tensors, err := readTensors(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			if status := errs.StatusOf(err); status == errs.Internal || status == errs.OK {
				t.Fatalf("status %v: %v", status, err)
			}
			return
		}
		covered := make([]bool, len(content))
		behind := 8 + int(binary.LittleEndian.Uint64(content))
		count := 0
		for _, tensor := range tensors {
			size := big.NewInt(tensor.Type.Size())
			for _, n := range tensor.Shape {
				size.Mul(size, big.NewInt(n))
			}
			if size.Cmp(big.NewInt(tensor.Bytes)) != 0 {
				t.Fatalf("%+v takes %v bytes", tensor, size)
			}
			for i := tensor.Offset; i < tensor.Offset+tensor.Bytes; i++ {
				if int(i) < behind || covered[i] {
					t.Fatalf("%+v has byte %d, which is not its own", tensor, i)
				}
				covered[i] = true
				count++
			}
		}
		if count != len(content)-behind {
			t.Fatalf("%d of %d bytes covered", count, len(content)-behind)
		}
	})
}

// FuzzShardNames: whatever the index says, no name leads out of its folder.
func FuzzShardNames(f *testing.F) {
	f.Add([]byte(`{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"../x.safetensors"}}`))
	f.Fuzz(func(t *testing.T, index []byte) {
		names, err := ShardNames(index)
		if err != nil {
			return
		}
		for _, name := range names {
			if bytes.ContainsAny([]byte(name), "/\\:\x00") || name[0] == '.' {
				t.Fatalf("%q", name)
			}
		}
	})
}
