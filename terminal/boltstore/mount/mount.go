// Package mount looks at the file system on which a ledger lies, and says what
// is wrong with it: what cannot keep a ledger at all, and what only may. It
// changes nothing; who asks decides.
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

// Finding is one thing that is wrong with a file system.
type Finding struct {
	Sentence string
	Breaks   bool // a power cut there takes what was confirmed: no ledger may lie on it
}

// breaking are file systems that keep nothing over a power cut, or not in the
// order in which it was flushed, or that hand a flush on to a machine of which
// nothing is known; with why.
var breaking = map[string]string{
	"tmpfs": lost, "ramfs": lost, "overlay": unordered, "aufs": unordered, "vfat": unordered, "msdos": unordered, "exfat": unordered,
	"nfs": remote, "nfs4": remote, "cifs": remote, "smb3": remote, "smbfs": remote, "9p": remote, "virtiofs": remote, "ceph": remote, "fuse": remote,
}

const (
	lost      = "it keeps nothing over a power cut"
	unordered = "a power cut can tear the ledger there"
	remote    = "another machine or program decides when something is on the disk, and the locks that keep a second program out may not hold"
)

// proven are the file systems of which crash images were made: none was bad.
var proven = []string{"ext4", "xfs", "btrfs"}

// Check says what is wrong with the file system on which a ledger lies
// (bolt R23). It needs no file at the path.
func Check(path string) []Finding {
	full, err := filepath.Abs(path)
	if err != nil {
		return []Finding{{Sentence: fmt.Sprintf("the place of %s is not known: %v", path, err)}}
	}
	text, err := os.ReadFile("/proc/mounts")
	if err != nil {
		return []Finding{{Sentence: fmt.Sprintf("the mounts are not known: %v", err)}}
	}
	return findings(under(parseMounts(string(text)), full))
}

func findings(m mount) (list []Finding) {
	add := func(breaks bool, format string, args ...any) {
		list = append(list, Finding{fmt.Sprintf(format, args...), breaks})
	}
	kind, _, _ := strings.Cut(m.kind, ".") // fuse.sshfs
	switch why := breaking[kind]; {
	case why != "":
		add(true, "%s is a %s: %s", m.folder, m.kind, why)
	case !slices.Contains(proven, kind):
		add(false, "%s is a %s: no power cut was tried on one; use ext4", m.folder, m.kind)
	}
	for _, o := range m.options {
		switch o {
		case "nobarrier", "barrier=0", "nobarriers":
			add(true, "%s is mounted with %s: a power cut can tear the ledger there", m.folder, o)
		case "data=writeback":
			add(false, "%s is mounted with %s: use data=ordered", m.folder, o)
		}
	}
	if fastCommit(m) {
		add(true, "%s has fast_commit: after a power cut it may not mount again; make it without", m.folder)
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
