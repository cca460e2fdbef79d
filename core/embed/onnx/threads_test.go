package onnx

import (
	"os"
	"runtime"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
)

func TestCgroupQuota(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  float64
	}{
		"no cgroups":      {nil, 0},
		"version 2":       {map[string]string{"proc/self/cgroup": "0::/user/app\n", "sys/fs/cgroup/user/app/cpu.max": "150000 100000\n"}, 1.5},
		"no limit":        {map[string]string{"proc/self/cgroup": "0::/user/app\n", "sys/fs/cgroup/user/app/cpu.max": "max 100000\n"}, 0},
		"a group above":   {map[string]string{"proc/self/cgroup": "0::/user/app\n", "sys/fs/cgroup/user/app/cpu.max": "max 100000\n", "sys/fs/cgroup/user/cpu.max": "200000 100000\n"}, 2},
		"the least":       {map[string]string{"proc/self/cgroup": "0::/user/app\n", "sys/fs/cgroup/user/app/cpu.max": "300000 100000\n", "sys/fs/cgroup/user/cpu.max": "400000 100000\n"}, 3},
		"in a container":  {map[string]string{"proc/self/cgroup": "0::/../../host/path\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"}, 0.5},
		"version 1":       {map[string]string{"proc/self/cgroup": "4:memory:/m\n3:cpu,cpuacct:/docker/x\n", "sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_quota_us": "400000\n", "sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_period_us": "100000\n"}, 4},
		"version 1, root": {map[string]string{"proc/self/cgroup": "1:cpu:/docker/x\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "250000\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, 2.5},
		"version 1, none": {map[string]string{"proc/self/cgroup": "1:cpu:/\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, 0},
		"garbage":         {map[string]string{"proc/self/cgroup": "what\n0::/a\n", "sys/fs/cgroup/a/cpu.max": "1 0\n", "sys/fs/cgroup/cpu.max": "one two three\n"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			root := fstest.MapFS{}
			for path, content := range test.files {
				root[path] = &fstest.MapFile{Data: []byte(content)}
			}
			assert.Equal(t, test.want, cgroupQuota(root))
		})
	}
}

func TestCoreCount(t *testing.T) {
	quota := func(text string) fstest.MapFS {
		return fstest.MapFS{"proc/self/cgroup": {Data: []byte("0::/\n")}, "sys/fs/cgroup/cpu.max": {Data: []byte(text)}}
	}
	assert.Equal(t, 1, coreCount(quota("10000 100000")), "a part of a core is one thread")
	all := coreCount(quota("max 100000"))
	assert.Equal(t, all, coreCount(quota("100000000 100000")), "a quota over the machine adds no cores")
	assert.GreaterOrEqual(t, all, 1)
	assert.LessOrEqual(t, coreCount(os.DirFS("/")), max(all, runtime.NumCPU()))
}
