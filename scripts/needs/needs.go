// Package needs tells a test whether a part that it needs beyond Go is on this
// machine: a program or a font. What there is to ask for stands in parts.txt,
// which setup.sh installs from. In CI a missing part fails the test; elsewhere
// the test is skipped with a sentence that says what was left out. It never
// installs anything.
package needs

import (
	_ "embed"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Environment that the package reads.
const (
	missingVariable = "JIFEN_MISSING" // parts that setup.sh did not find, with commas
	ciVariable      = "CI"            // "true": nothing may be left out
)

//go:embed parts.txt
var partsText string

// fontFolders is where fonts lie; the last is below the home folder.
var fontFolders = []string{"/usr/share/fonts", "/usr/local/share/fonts", ".local/share/fonts"}

// part is one line of parts.txt.
type part struct{ name, pkg, leavesOut string }

// Program gives the full path of a program from the list. Where it is missing
// the test ends here.
func Program(t testing.TB, name string) string {
	t.Helper()
	p := find(t, name)
	path := ""
	if !declaredMissing(name) {
		path = lookPath(name)
	}
	if path == "" {
		leaveOut(t, p)
	}
	return path
}

// Font gives the path of one file of a font from the list, such as
// font-noto-cjk. Where it is missing the test ends here.
func Font(t testing.TB, name string) string {
	t.Helper()
	p := find(t, name)
	path := ""
	if !declaredMissing(name) {
		path = lookFont(name)
	}
	if path == "" {
		leaveOut(t, p)
	}
	return path
}

// Kernel gives the folder of the kernel for a machine, amd64 or armhf, which
// setup.sh unpacks. Where it is missing the test ends here.
func Kernel(t testing.TB, arch string) string {
	t.Helper()
	name := "vm-kernel-" + arch
	p := find(t, name)
	path, err := filepath.Abs(filepath.Join(root(), "build", "vm", arch))
	if err == nil {
		_, err = os.Stat(filepath.Join(path, "vmlinuz"))
	}
	if err != nil || declaredMissing(name) {
		leaveOut(t, p)
	}
	return path
}

// root is the folder of the repository, seen from the folder of a test.
func root() string {
	dir := "."
	for range 10 {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Join(dir, "..")
	}
	return "."
}

// find gives the line of a part; a part that isn't listed is never installed,
// so asking for one is a fault of the test.
func find(t testing.TB, name string) part {
	t.Helper()
	for line := range strings.Lines(partsText) {
		words := strings.Fields(line)
		if len(words) > 2 && words[0] == name {
			return part{name: name, pkg: words[1], leavesOut: strings.Join(words[2:], " ")}
		}
	}
	t.Fatalf("needs: %s is not in parts.txt; put it there, so that setup.sh installs it", name)
	return part{}
}

// leaveOut ends the test: as failed in CI, as skipped elsewhere.
func leaveOut(t testing.TB, p part) {
	t.Helper()
	if os.Getenv(ciVariable) == "true" {
		t.Fatalf("%s is missing (Debian package %s), and CI runs every test", p.name, p.pkg)
	}
	t.Skipf("%s is missing (Debian package %s): left out are %s", p.name, p.pkg, p.leavesOut)
}

// declaredMissing says whether setup.sh found the part missing.
func declaredMissing(name string) bool {
	return slices.Contains(strings.Split(os.Getenv(missingVariable), ","), name)
}

// lookPath finds a program on PATH, or where Debian keeps daemons.
func lookPath(name string) string {
	for _, where := range []string{name, "/usr/sbin/" + name, "/sbin/" + name, "/usr/lib/postgresql/15/bin/" + name} {
		if path, err := exec.LookPath(where); err == nil {
			return path
		}
	}
	return ""
}

// lookFont finds a file of a font: font-noto-cjk is any NotoSansCJK file.
func lookFont(name string) string {
	if name != "font-noto-cjk" {
		return ""
	}
	home, _ := os.UserHomeDir()
	for _, folder := range fontFolders {
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(home, folder)
		}
		found := ""
		_ = filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasPrefix(strings.ToLower(filepath.Base(path)), "notosanscjk") {
				found = path
				return fs.SkipAll
			}
			return nil
		})
		if found != "" {
			return found
		}
	}
	return ""
}
