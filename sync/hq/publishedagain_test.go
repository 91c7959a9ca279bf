package hq_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/library"
)

// publishedIs checks what is published, by whom, and whether its bytes can be fetched.
func (b *bench) publishedIs(when, version string) {
	b.Helper()
	document, byPerson, err := library.Published(b.book, "programme")
	if err != nil || string(document) != "document "+version || !byPerson {
		b.Errorf("%s: published is %q, by a person %v, %v; want document %s", when, document, byPerson, err, version)
	}
}

// With the grant log whole, what persons published after the backup is in force again:
// the pilot, what went to all, and what was taken back. Nobody is told anything else.
func TestWhatWasPublishedAfterTheBackupIsInForceAgain(t *testing.T) {
	b, folder := logged(t)
	release := func(version string, stores ...string) {
		b.Helper()
		b.ok("Release", b.Release(library.Release{What: "programme", Version: version, Bytes: []byte("document " + version), Stores: stores}, byZhou))
	}
	hears := func() {
		for _, till := range b.terminals {
			till.hear()
		}
	}
	b.ok("Publish", b.Publish("programme", "1", []byte("document 1"), time.Time{}))
	hears()
	old := b.backup()
	again := func(when, version, one, two string) {
		b.Helper()
		hears()
		b.restore(old)
		b.publishedIs(when, version)
		for _, till := range b.terminals {
			till.hello()
		}
		hears()
		b.tellsAll(when, one, two)
		if alarms := b.alarms(); slices.Contains(alarms, "alarm-document-lost") {
			b.Errorf("%s: alarms %v, want no document lost", when, alarms)
		}
	}
	release("2")
	again("to all", "2", "2", "2")
	release("3", "S2")
	again("a pilot", "2", "2", "3")
	_, err := b.RollBack("programme", byZhou)
	b.ok("RollBack", err)
	again("the pilot taken back", "2", "2", "2")
	release("4")
	_, err = b.RollBack("programme", byZhou)
	b.ok("RollBack", err)
	again("the newest taken back", "2", "2", "2")
	b.ok("Publish", b.Publish("programme", "0", []byte("another file in the settings"), time.Time{}))
	again("the settings count no more", "2", "2", "2")
	d, err := b.RollBack("programme", byZhou)
	if err != nil || d.Version != "1" {
		t.Errorf("RollBack() = %q, %v, want what was before it", d.Version, err)
	}

	// Without the bytes a person is told which document to publish once more.
	files, err := filepath.Glob(filepath.Join(folder, "documents", "*"))
	if err != nil || len(files) < 4 {
		t.Fatalf("documents beside the log: %v, %v, want four", files, err)
	}
	for _, f := range files {
		b.ok("Remove", os.Remove(f))
	}
	b.restore(old)
	if alarms := b.alarms(); !slices.Contains(alarms, "alarm-document-lost") {
		t.Errorf("alarms = %v, want that documents are lost", alarms)
	}
}

// A log that an earlier HQ kept has no documents beside it: what is in force then is
// put there when HQ starts.
func TestWhatIsInForceIsKeptBesideTheLogFromTheStartOn(t *testing.T) {
	b, folder := logged(t)
	b.ok("Release", b.Release(library.Release{What: "programme", Version: "2", Bytes: []byte("document 2")}, byZhou))
	b.terminals[0].hear()
	b.ok("RemoveAll", os.RemoveAll(filepath.Join(folder, "documents")))
	b.restart()
	files, err := filepath.Glob(filepath.Join(folder, "documents", "*.document"))
	if err != nil || len(files) != 1 {
		t.Errorf("documents beside the log: %v, %v, want the one in force", files, err)
	}
}
