package vmtest_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/vmtest"
	"github.com/jifen-pos/jifen/scripts/needs"
)

// What the environment may say: the machine, amd64 or armhf, and how often the
// cables are pulled in a row.
const (
	archVariable   = "JIFEN_VM_ARCH"
	roundsVariable = "JIFEN_VM_ROUNDS"
)

// runLimit is how long a machine may take: it is emulated.
const runLimit = 20 * time.Minute

// clock lets the machine's time pass with the work it does, four nanoseconds an
// instruction, and no slower where it only waits. So it is never in a hurry, however
// busy the computer is that it is emulated on: a scanner's keys come as fast as
// they do in a shop.
const clock = "shift=2,sleep=off"

// A machine is one kind of computer that we have a kernel for.
type machine struct {
	qemu    string
	args    []string
	console string
	build   []string // environment of the programs' build
}

var machines = map[string]machine{
	"amd64": {"qemu-system-x86_64", []string{"-machine", "q35", "-accel", "tcg", "-cpu", "qemu64,+rdrand"}, "ttyS0", []string{"GOARCH=amd64"}},
	"armhf": {"qemu-system-arm", []string{"-machine", "virt", "-cpu", "cortex-a15"}, "ttyAMA0", []string{"GOARCH=arm", "GOARM=7"}},
}

// The built daemon meets a scanner, a wedge and a printer through the kernel's own
// drivers. What is looked at stands in guest, which is the machine's one program.
func TestDevicesOfARealKernel(t *testing.T) {
	arch := os.Getenv(archVariable)
	if arch == "" {
		arch = "amd64"
	}
	m, ok := machines[arch]
	if !ok {
		t.Fatalf("%s=%s, want amd64 or armhf", archVariable, arch)
	}
	qemu := needs.Program(t, m.qemu)
	kernel := needs.Kernel(t, arch)
	dir := t.TempDir()
	image := vmtest.NewImage()
	for name, pkg := range map[string]string{"init": "./cmd/internal/vmtest/guest", "bin/jifend": "./cmd/jifend", "bin/jifen": "./cmd/jifen"} {
		at := filepath.Join(dir, filepath.Base(name))
		build(t, m, at, pkg)
		if err := image.AddProgram(name, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := image.AddModules(kernel); err != nil {
		t.Fatal(err)
	}
	initrd := filepath.Join(dir, "initrd.gz")
	f, err := os.Create(initrd)
	if err != nil {
		t.Fatal(err)
	}
	if err := image.Write(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	run(t, exec.Command(qemu, append(m.args, "-icount", clock, "-m", "1024", "-nographic", "-no-reboot", "-nic", "none",
		"-kernel", filepath.Join(kernel, "vmlinuz"), "-initrd", initrd, "-append", "console="+m.console+" quiet oops=panic panic=-1 rounds="+os.Getenv(roundsVariable))...))
}

// build makes one program for the machine.
func build(t *testing.T, m machine, to, pkg string) {
	t.Helper()
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", to, pkg)
	c.Dir = filepath.Join("..", "..", "..")
	c.Env = append(append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux"), m.build...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
}

// run runs the machine until it switches itself off, and wants to read on its
// console that all went well.
func run(t *testing.T, c *exec.Cmd) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), runLimit)
	defer cancel()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = c.Stdout
	if err := c.Start(); err != nil {
		t.Fatalf("start the machine: %v", err)
	}
	defer context.AfterFunc(ctx, func() { _ = c.Process.Kill() })()
	var console strings.Builder
	passed := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		console.WriteString(line + "\n")
		if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "VM ") {
			t.Log(line)
		}
		passed = passed || strings.HasPrefix(line, "VM PASSED")
	}
	err = c.Wait()
	if !passed {
		t.Fatalf("the machine ended with %v and did not pass:\n%s", err, console.String())
	}
}
