package devicetool_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/devicetool"
	"github.com/jifen-pos/jifen/devices/hotplug"
)

// twins is a machine with two scanners of one model, which have no serial number.
func twins(t *testing.T) hotplug.Bus {
	t.Helper()
	bus := hotplug.Bus{Sys: t.TempDir(), Dev: t.TempDir()}
	for node, port := range map[string]string{"ttyUSB0": "1-1", "ttyUSB1": "1-2"} {
		usb := filepath.Join(bus.Sys, "devices", port)
		class := filepath.Join(bus.Sys, "class", "tty", node)
		for _, dir := range []string{usb, class} {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		for name, text := range map[string]string{"idVendor": "1a86", "idProduct": "7523", "product": "USB Serial"} {
			if err := os.WriteFile(filepath.Join(usb, name), []byte(text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink(usb, filepath.Join(class, "device")); err != nil {
			t.Fatal(err)
		}
	}
	return bus
}

func TestListSaysWhatIsWrong(t *testing.T) {
	bus := twins(t)
	held, err := os.Create(filepath.Join(bus.Dev, "ttyUSB0"))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	var out strings.Builder
	if err := devicetool.List(bus, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"usb = \"1a86:7523@1-1\"", "usb = \"1a86:7523@1-2\"", fmt.Sprintf("devicetool.test (%d) has it open.", os.Getpid()), "Its node is not there.",
	} {
		if strings.Count(out.String(), want) != 1 {
			t.Errorf("List says %q %d times, want once:\n%s", want, strings.Count(out.String(), want), out.String())
		}
	}
}

func TestScanOfOneOfTwins(t *testing.T) {
	err := devicetool.Scan(t.Context(), twins(t), devicetool.ScanOptions{Device: "1a86:7523", Baud: 9600}, &strings.Builder{}, &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), "1a86:7523@1-1 and 1a86:7523@1-2") || !strings.Contains(err.Error(), "socket") {
		t.Errorf("Scan of a name that two answer to = %v, want their names and what to do", err)
	}
}
