package onnx

import (
	"io/fs"
	"math"
	"path"
	"runtime"
	"strconv"
	"strings"
)

// coreCount is how many cores this process may keep busy: the cores it may run on, or fewer where a
// cgroup grants less time. ONNX Runtime itself looks at the machine's cores and forgets the cgroup.
func coreCount(root fs.FS) int {
	cores := affinity()
	if cores < 1 {
		cores = runtime.NumCPU()
	}
	if quota := cgroupQuota(root); quota > 0 {
		cores = min(cores, max(1, int(math.Ceil(quota))))
	}
	return cores
}

// cgroupQuota is the least processor time, in cores, that the process's control groups grant;
// 0 where there is no limit. It knows version 2 (cpu.max) and version 1 (cpu.cfs_quota_us).
func cgroupQuota(root fs.FS) float64 {
	membership, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	least := 0.0
	lower := func(quota float64) {
		if quota > 0 && (least == 0 || quota < least) {
			least = quota
		}
	}
	for line := range strings.Lines(string(membership)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		// Every group above limits too. Inside a container the path may be the host's and
		// lead nowhere; the mount's own root, which ends the climb, is then the container's group.
		for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
			if parts[0] == "0" {
				lower(quotaV2(root, "sys/fs/cgroup"+group))
				lower(quotaV2(root, "sys/fs/cgroup/unified"+group))
			} else if hasController(parts[1], "cpu") {
				lower(quotaV1(root, "sys/fs/cgroup/cpu"+group))
				lower(quotaV1(root, "sys/fs/cgroup/"+parts[1]+group))
			}
			if group == "/" {
				break
			}
		}
	}
	return least
}

func hasController(controllers, name string) bool {
	for _, controller := range strings.Split(controllers, ",") {
		if controller == name {
			return true
		}
	}
	return false
}

func quotaV2(root fs.FS, group string) float64 {
	text, err := fs.ReadFile(root, path.Join(group, "cpu.max"))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) != 2 {
		return 0
	}
	return ratio(fields[0], fields[1])
}

func quotaV1(root fs.FS, group string) float64 {
	quota, err := fs.ReadFile(root, path.Join(group, "cpu.cfs_quota_us"))
	if err != nil {
		return 0
	}
	period, err := fs.ReadFile(root, path.Join(group, "cpu.cfs_period_us"))
	if err != nil {
		return 0
	}
	return ratio(strings.TrimSpace(string(quota)), strings.TrimSpace(string(period)))
}

// ratio is quota/period, 0 for "max", -1 and anything else that is no limit.
func ratio(quota, period string) float64 {
	q, err := strconv.ParseInt(quota, 10, 64)
	if err != nil || q <= 0 {
		return 0
	}
	p, err := strconv.ParseInt(period, 10, 64)
	if err != nil || p <= 0 {
		return 0
	}
	return float64(q) / float64(p)
}
