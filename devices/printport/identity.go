package printport

import (
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// lpGetDeviceID is the ioctl LPIOC_GET_DEVICE_ID of a USB printer node, with
// room for deviceIDLen bytes. It is unsigned: on 32-bit ARM it does not fit an
// int (dev 6.4).
const (
	deviceIDLen          = 1024
	lpGetDeviceID uint32 = 2<<30 | deviceIDLen<<16 | 'P'<<8 | 1
)

// Identity is what the printer says it is, "" where nobody asked or it does not
// tell. Printers lie here: nothing may depend on it (dev 4.3).
func (p *Port) Identity() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.identity
}

// identify asks a USB printer's node, which answers past the data.
func (p *Port) identify(l link) {
	if p.options.Kind != USB {
		return
	}
	text := deviceID(l)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.identity = text
}

// deviceID is the IEEE 1284 id of a USB printer: two bytes of length, then text.
func deviceID(l link) string {
	buffer := make([]byte, deviceIDLen)
	err := control(l, func(fd int) error {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(lpGetDeviceID), uintptr(unsafe.Pointer(&buffer[0])))
		if errno != 0 {
			return errno
		}
		return nil
	})
	length := int(buffer[0])<<8 | int(buffer[1])
	if err != nil || length < 2 || length > len(buffer) {
		return ""
	}
	return clean(buffer[2:length])
}

// clean takes out what would upset a log or a page.
func clean(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, string(b))
}
