package disk_test

import (
	"errors"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/disk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

func TestDiskIsAJournal(t *testing.T) {
	disks := map[string]*disk.Disk{}
	tilltest.TestJournal(t, func(_ testing.TB, folder string) tilltest.Journal {
		if disks[folder] == nil {
			disks[folder] = disk.New()
		}
		return disks[folder]
	})
}

func note(t *testing.T, d *disk.Disk) string {
	t.Helper()
	var got []byte
	if err := d.View(func(tx journal.Tx) (err error) {
		got, err = tx.Note("n")
		return err
	}); err != nil {
		t.Fatalf("View() = %v, want nil", err)
	}
	return string(got)
}

func write(d *disk.Disk, text string) error {
	return d.Update(func(tx journal.Tx) error { return tx.PutNote("n", []byte(text)) })
}

func TestDiskFailsAsDisksDo(t *testing.T) {
	d := disk.New()
	for _, c := range []struct {
		name   string
		before func()
		err    error
		want   string // after the write and a start
	}{
		{"honest", func() {}, nil, "honest"},
		{"cut-before", func() { d.CutAt(disk.CutBefore) }, journal.ErrUnknownResult, "honest"},
		{"cut-after", func() { d.CutAt(disk.CutAfter) }, journal.ErrUnknownResult, "cut-after"},
		{"full", func() { d.Fill(true) }, journal.ErrFull, "cut-after"},
		{"lying", d.Lie, nil, "cut-after"},
		{"lied-and-did-it", func() { d.Lie(); _ = write(d, "in between"); d.Honest() }, nil, "lied-and-did-it"},
	} {
		c.before()
		if err := write(d, c.name); !errors.Is(err, c.err) {
			t.Errorf("%s: Update() = %v, want %v", c.name, err, c.err)
		}
		d.PowerOff()
		if err := write(d, "without power"); !errors.Is(err, journal.ErrUnknownResult) {
			t.Errorf("%s: Update() without power = %v, want ErrUnknownResult", c.name, err)
		}
		d.Reopen()
		if got := note(t, d); got != c.want {
			t.Errorf("%s: after a start %q is there, want %q", c.name, got, c.want)
		}
	}
}

func TestImagesArePutBackAnyNumberOfTimes(t *testing.T) {
	d, clone := disk.New(), disk.New()
	if err := write(d, "old"); err != nil {
		t.Fatal(err)
	}
	image := d.Image()
	for range 2 {
		if err := write(d, "new"); err != nil {
			t.Fatal(err)
		}
		clone.Restore(image)
		if err := write(clone, "other"); err != nil {
			t.Fatal(err)
		}
		d.Restore(image)
		if got := note(t, d) + " " + note(t, clone); got != "old other" {
			t.Errorf("the disk and its clone have %q, want %q", got, "old other")
		}
	}
}
