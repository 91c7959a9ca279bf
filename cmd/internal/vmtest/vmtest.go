// Package vmtest makes a machine of Debian's kernel, in which the built programs
// meet USB devices through the kernel's real drivers although there is no
// hardware: the kernel's gadget functions play them (dev 12.3). Nothing of it is
// installed on the machine that runs the tests.
package vmtest

import (
	"bytes"
	"compress/gzip"
	"debug/elf"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Modules are the drivers that the machine loads, each with its parameters: the
// gadget functions on the one side, what a till meets on the other.
var Modules = []string{
	"configfs", "dummy_hcd num=3", "usb_f_acm", "usb_f_hid", "usb_f_printer", "usblp", "cdc_acm", "usbhid", "hid_generic", "evdev",
}

// An Image is what the machine starts with: files by their path.
type Image struct {
	names []string
	files map[string][]byte
	modes map[string]uint32
}

// NewImage makes an image that holds folders only.
func NewImage() *Image {
	im := &Image{files: map[string][]byte{}, modes: map[string]uint32{}}
	for _, dir := range []string{"bin", "dev", "modules", "proc", "run", "sys", "tmp"} {
		im.add(dir, nil, 0o040755)
	}
	return im
}

func (im *Image) add(name string, data []byte, mode uint32) {
	if _, ok := im.files[name]; !ok {
		im.names = append(im.names, name)
	}
	im.files[name], im.modes[name] = data, mode
}

// AddProgram puts in a program from this machine.
func (im *Image) AddProgram(name, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	im.add(name, data, 0o100755)
	return nil
}

// AddModules puts in the drivers of a kernel that was unpacked into folder, and
// the order in which they are loaded.
func (im *Image) AddModules(folder string) error {
	paths := map[string]string{}
	err := filepath.WalkDir(filepath.Join(folder, "lib", "modules"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".ko") {
			paths[moduleName(filepath.Base(path))] = path
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("look for the kernel's modules: %w", err)
	}
	var order []string
	for _, m := range Modules {
		name, _, _ := strings.Cut(m, " ")
		if order, err = withNeeds(order, paths, name, 0); err != nil {
			return err
		}
	}
	var list strings.Builder
	for _, name := range order {
		data, err := os.ReadFile(paths[name])
		if err != nil {
			return err
		}
		im.add("modules/"+name+".ko", data, 0o100644)
		parameters := ""
		for _, m := range Modules {
			if rest, ok := strings.CutPrefix(m, name+" "); ok {
				parameters = " " + rest
			}
		}
		fmt.Fprintf(&list, "%s.ko%s\n", name, parameters)
	}
	im.add("modules/order", []byte(list.String()), 0o100644)
	return nil
}

// moduleName is the name of a module as the kernel compares them.
func moduleName(file string) string {
	return strings.ReplaceAll(strings.TrimSuffix(file, ".ko"), "-", "_")
}

// withNeeds puts a module behind those that it needs. One that is no file is built
// into the kernel.
func withNeeds(order []string, paths map[string]string, name string, depth int) ([]string, error) {
	path, ok := paths[name]
	if !ok || slices.Contains(order, name) {
		return order, nil
	}
	if depth > 20 {
		return nil, fmt.Errorf("the module %s needs itself", name)
	}
	needs, err := needsOf(path)
	if err != nil {
		return nil, err
	}
	for _, n := range needs {
		if order, err = withNeeds(order, paths, n, depth+1); err != nil {
			return nil, err
		}
	}
	return append(order, name), nil
}

// needsOf reads from a module which others it needs.
func needsOf(path string) ([]string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the module %s: %w", path, err)
	}
	defer f.Close()
	section := f.Section(".modinfo")
	if section == nil {
		return nil, fmt.Errorf("the module %s says nothing of itself", path)
	}
	info, err := section.Data()
	if err != nil {
		return nil, fmt.Errorf("read the module %s: %w", path, err)
	}
	for word := range bytes.SplitSeq(info, []byte{0}) {
		if list, ok := strings.CutPrefix(string(word), "depends="); ok && list != "" {
			return strings.Split(strings.ReplaceAll(list, "-", "_"), ","), nil
		}
	}
	return nil, nil
}

// Write writes the image as the kernel unpacks it: an archive of cpio's newer
// form, compressed. It begins with a console, without which nothing is heard.
func (im *Image) Write(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	c := &cpio{w: z}
	c.entry("dev", 0o040755, nil, 0, 0)
	c.entry("dev/console", 0o020600, nil, 5, 1)
	for _, name := range im.names {
		if name != "dev" {
			c.entry(name, im.modes[name], im.files[name], 0, 0)
		}
	}
	c.entry("TRAILER!!!", 0, nil, 0, 0)
	if c.err != nil {
		return c.err
	}
	return z.Close()
}

// cpio writes entries; the first error stays.
type cpio struct {
	w    io.Writer
	node uint32
	err  error
}

func (c *cpio) entry(name string, mode uint32, data []byte, major, minor uint32) {
	c.node++
	head := "070701"
	for _, n := range []uint32{
		c.node, mode, 0, 0, 1, 0, uint32(len(data)), 0, 0, major, minor, uint32(len(name) + 1), 0,
	} {
		head += fmt.Sprintf("%08X", n)
	}
	c.padded([]byte(head + name + "\x00"))
	c.padded(data)
}

// padded writes bytes up to a multiple of four.
func (c *cpio) padded(b []byte) {
	if c.err == nil {
		_, c.err = c.w.Write(append(b[:len(b):len(b)], make([]byte, (4-len(b)%4)%4)...))
	}
}
