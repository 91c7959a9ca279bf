package boltstore_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// diskBytes is how large the disk of a child is that has one of its own.
const diskBytes = 200 << 20

// TestFullDiskIsARefusal is faults S10 and S11: a child has a small disk of its
// own and fills it.
func TestFullDiskIsARefusal(t *testing.T) {
	user := &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	root := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	var out []byte
	var err error
	for _, as := range []*syscall.SysProcAttr{user, root} {
		c := child(t.Context(), "tiny", newPath(t))
		c.SysProcAttr = as
		out, err = c.CombinedOutput()
		var ended *exec.ExitError
		if (err == nil || errors.As(err, &ended)) && !strings.Contains(string(out), "no disk of its own") {
			if err != nil || string(out) != "ok\n" {
				t.Errorf("child: %v, %q, want ok", err, out)
			}
			return
		}
	}
	t.Fatalf("the kernel gives a child no disk of its own (user namespaces, or root, are needed): %v, %s", err, out)
}

func workOnTinyDisk(path string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("no disk of its own: %w", err)
	}
	if err := unix.Mount("tmpfs", filepath.Dir(path), "tmpfs", 0, fmt.Sprintf("size=%d", diskBytes)); err != nil {
		return fmt.Errorf("no disk of its own: %w", err)
	}
	store, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		return err
	}
	s := &seller{store: store, i: 1}
	if _, err := s.sell(); err != nil {
		return err
	}
	if err := fillDisk(s, path); err != nil {
		return fmt.Errorf("full disk: %w", err)
	}
	if err := fillLedger(s); err != nil {
		return fmt.Errorf("largest size: %w", err)
	}
	fmt.Println("ok")
	return store.Close()
}

// fillDisk takes all room away: the ballast goes first, then writes are
// refused, and with room again they go on.
func fillDisk(s *seller, path string) error {
	if err := s.store.KeepBallast(); err != nil {
		return err
	}
	filler := path + ".filler"
	if err := takeAll(filler); err != nil {
		return err
	}
	if err := until(s, func() bool { // what was taken ahead is used up
		room, err := s.store.Room()
		return err == nil && !room.Ballast
	}); err != nil {
		return fmt.Errorf("until the ballast is gone: %w", err)
	}
	if err := takeAll(filler + "2"); err != nil {
		return err
	}
	last := until(s, func() bool { return false })
	if !errors.Is(last, journal.ErrFull) || errors.Is(last, journal.ErrUnknownResult) || s.store.Failed() != nil {
		return fmt.Errorf("on a full disk: %w", last)
	}
	if err := s.store.View(func(tx journal.Tx) error { return tx.Check() }); err != nil {
		return err
	}
	if err := errors.Join(os.Remove(filler), os.Remove(filler+"2")); err != nil {
		return err
	}
	_, err := s.sell()
	return err
}

func takeAll(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for block := make([]byte, 64<<10); ; {
		if _, err := f.Write(block); err != nil {
			if errors.Is(err, unix.ENOSPC) {
				return nil
			}
			return err
		}
	}
}

// until writes large notes until something holds.
func until(s *seller, holds func() bool) error {
	for n := 0; n < 1000 && !holds(); n++ {
		err := s.store.Update(func(tx journal.Tx) error { return tx.PutNote(fmt.Sprint("note-", s.n, n), make([]byte, 100<<10)) })
		if err != nil {
			return err
		}
	}
	s.n++
	return nil
}

// fillLedger writes until the file is as large as it may be: a clean refusal,
// after which small things are still written.
func fillLedger(s *seller) error {
	for n := range 100 {
		err := s.store.Update(func(tx journal.Tx) error { return tx.PutNote(fmt.Sprint("big-", n), make([]byte, 4<<20)) })
		if err == nil {
			continue
		}
		room, roomErr := s.store.Room()
		if !errors.Is(err, journal.ErrFull) || s.store.Failed() != nil || roomErr != nil || !room.Alarm {
			return fmt.Errorf("%+v, %w, %w", room, err, roomErr)
		}
		_, err = s.sell()
		return err
	}
	return errors.New("it never filled")
}
