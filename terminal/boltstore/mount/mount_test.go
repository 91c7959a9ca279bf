package mount_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/boltstore/mount"
)

func TestMountIsLookedAt(t *testing.T) {
	for _, c := range []struct{ folder, want string }{{"/dev/shm", "tmpfs"}, {"/proc", ""}} {
		got := mount.Check(filepath.Join(c.folder, "ledger.db"))
		if c.want == "" && len(got) != 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
			t.Errorf("Check(%s) = %q, want %q in it", c.folder, got, c.want)
		}
	}
}

// TestMountOptionsAreLookedAt is fault S28.
func TestMountOptionsAreLookedAt(t *testing.T) {
	const mounts = "/dev/a / ext4 rw,relatime 0 0\n/dev/b /var/lib/jifen ext4 rw,%s 0 0\ntmpfs /run tmpfs rw 0 0\n/dev/c /srv/my\\040till ext4 rw,nobarrier 0 0\n"
	for _, c := range []struct {
		name, options, path string
		want                string // in the only warning; "" for none
	}{
		{"defaults", "relatime", "/var/lib/jifen/ledger.db", ""},
		{"no-barriers", "nobarrier", "/var/lib/jifen/ledger.db", "nobarrier"},
		{"barriers-off", "barrier=0", "/var/lib/jifen/ledger.db", "barrier=0"},
		{"writeback", "data=writeback", "/var/lib/jifen/ledger.db", "data=ordered"},
		{"memory", "relatime", "/run/jifen/ledger.db", "keeps nothing"},
		{"beside-a-bad-one", "nobarrier", "/var/lib/jifen2/ledger.db", ""},
		{"name-with-a-blank", "relatime", "/srv/my till/ledger.db", "nobarrier"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := mount.Warnings(fmt.Sprintf(mounts, c.options), c.path)
			if c.want == "" && len(got) != 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("warnings %q, want %q in the only one", got, c.want)
			}
		})
	}
}
