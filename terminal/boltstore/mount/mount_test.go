package mount_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/boltstore/mount"
)

// said checks that there is one finding with a text in it, or none.
func said(t *testing.T, got []mount.Finding, want string, breaks bool) {
	t.Helper()
	if want == "" && len(got) != 0 || want != "" && (len(got) != 1 || !strings.Contains(got[0].Sentence, want) || got[0].Breaks != breaks) {
		t.Errorf("findings %+v, want %q in the only one, breaking %v", got, want, breaks)
	}
}

func TestMountIsLookedAt(t *testing.T) {
	said(t, mount.Check("/dev/shm/ledger.db"), "tmpfs", true)
}

// TestMountOptionsAreLookedAt is fault S28.
func TestMountOptionsAreLookedAt(t *testing.T) {
	const mounts = "/dev/a / ext4 rw,relatime 0 0\n/dev/b /var/lib/jifen %s rw,%s 0 0\ntmpfs /run tmpfs rw 0 0\n/dev/c /srv/my\\040till ext4 rw,nobarrier 0 0\n"
	const place = "/var/lib/jifen/ledger.db"
	for _, c := range []struct {
		name, kind, options, path string
		want                      string // in the only finding; "" for none
		breaks                    bool
	}{
		{"defaults", "ext4", "relatime", place, "", false},
		{"xfs", "xfs", "relatime", place, "", false},
		{"not-tried", "f2fs", "relatime", place, "no power cut was tried", false},
		{"writeback", "ext4", "data=writeback", place, "data=ordered", false},
		{"no-barriers", "ext4", "nobarrier", place, "nobarrier", true},
		{"barriers-off", "ext4", "barrier=0", place, "barrier=0", true},
		{"memory", "ext4", "relatime", "/run/jifen/ledger.db", "keeps nothing", true},
		{"layers", "overlay", "relatime", place, "can tear", true},
		{"card-of-a-camera", "vfat", "relatime", place, "can tear", true},
		{"server", "nfs4", "relatime", place, "another machine", true},
		{"program", "fuse.sshfs", "relatime", place, "another machine or program", true},
		{"beside-a-bad-one", "ext4", "nobarrier", "/var/lib/jifen2/ledger.db", "", false},
		{"name-with-a-blank", "ext4", "relatime", "/srv/my till/ledger.db", "nobarrier", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			said(t, mount.Findings(fmt.Sprintf(mounts, c.kind, c.options), c.path), c.want, c.breaks)
		})
	}
}
