// Package mount looks at the file system on which a ledger lies. It changes
// nothing and refuses nothing: it says what is wrong.
package mount

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A mount is what one line of /proc/mounts says.
type mount struct {
	folder, kind string
	options      []string
}

// passing are file systems that keep nothing over a power cut, or not in the
// order in which it was flushed.
var passing = []string{"tmpfs", "ramfs", "overlay", "aufs"}

// Check says what is wrong with the file system on which a ledger lies
// (bolt R23): one sentence each, or none. It needs no file at the path.
func Check(path string) []string {
	full, err := filepath.Abs(path)
	if err != nil {
		return []string{fmt.Sprintf("the place of %s is not known: %v", path, err)}
	}
	text, err := os.ReadFile("/proc/mounts")
	if err != nil {
		return []string{fmt.Sprintf("the mounts are not known: %v", err)}
	}
	return warnings(under(parseMounts(string(text)), full))
}

func warnings(m mount) (list []string) {
	if slices.Contains(passing, m.kind) {
		list = append(list, fmt.Sprintf("%s is a %s: it keeps nothing over a power cut", m.folder, m.kind))
	}
	for _, o := range m.options {
		switch o {
		case "nobarrier", "barrier=0", "nobarriers":
			list = append(list, fmt.Sprintf("%s is mounted with %s: a power cut can tear the ledger", m.folder, o))
		case "data=writeback":
			list = append(list, fmt.Sprintf("%s is mounted with %s: use data=ordered", m.folder, o))
		}
	}
	if fastCommit(m) {
		list = append(list, fmt.Sprintf("%s has fast_commit: make it without", m.folder))
	}
	return list
}

// parseMounts reads /proc/mounts: device, folder, kind, options, and two
// numbers. Blanks in names are written as octal numbers.
func parseMounts(text string) (list []mount) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		folder := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(f[1])
		list = append(list, mount{folder: folder, kind: f[2], options: strings.Split(f[3], ",")})
	}
	return list
}

// under finds the mount below which a path lies: the longest, and of equal
// ones the last, which lies on top.
func under(list []mount, path string) (found mount) {
	for _, m := range list {
		inside := m.folder == "/" || path == m.folder || strings.HasPrefix(path, m.folder+"/")
		if inside && len(m.folder) >= len(found.folder) {
			found = m
		}
	}
	return found
}

// fastCommit asks the kernel, which shows the option for some file systems only.
func fastCommit(m mount) bool {
	if m.kind != "ext4" {
		return false
	}
	var st unix.Stat_t
	if err := unix.Stat(m.folder, &st); err != nil {
		return false
	}
	device, err := filepath.EvalSymlinks(fmt.Sprintf("/sys/dev/block/%d:%d", unix.Major(uint64(st.Dev)), unix.Minor(uint64(st.Dev))))
	if err != nil {
		return false
	}
	text, err := os.ReadFile(filepath.Join("/proc/fs/ext4", filepath.Base(device), "options"))
	return err == nil && slices.Contains(strings.Fields(string(text)), "fast_commit")
}
