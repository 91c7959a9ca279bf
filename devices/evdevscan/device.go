package evdevscan

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/scanport"
)

// The requests to an event device. Their numbers do not fit an int of 32 bits.
const (
	keyBytes              = 96 // a bit for each of the 768 key codes
	eviocgrab     uintptr = 0x40044590
	eviocgkey     uintptr = 0x80004518 | keyBytes<<16
	eviocgbitKeys uintptr = 0x80004521 | keyBytes<<16
)

// The waits for keys to come up before a grab: whoever reads the device too would
// see them stuck (dev 6.4).
const (
	keysUpLook  = 20 * time.Millisecond
	keysUpLooks = 25
)

// errNotKeyboard: an event device without the keys that a scanner presses.
var errNotKeyboard = errors.New("evdevscan: no keyboard")

// take looks that the device has the keys of a scanner, and takes it for us.
func (l *line) take(ctx context.Context) error {
	has, err := l.keyBits(eviocgbitKeys)
	if err != nil {
		return fmt.Errorf("ask for its keys: %w", err)
	}
	for _, code := range []int{2, 11, keyEnter} { // 1, 0 and Enter
		if has[code/8]&(1<<(code%8)) == 0 {
			return errNotKeyboard
		}
	}
	for range keysUpLooks {
		if allUp(l.down()) || ctx.Err() != nil {
			break
		}
		time.Sleep(keysUpLook)
	}
	if err := l.control(func(fd uintptr) error { return unix.IoctlSetInt(int(fd), uint(eviocgrab), 1) }); err != nil {
		return fmt.Errorf("grab it: %w", err)
	}
	l.keys.resync(l.down())
	return nil
}

// down gives the keys that are down, or none where the device does not say.
func (l *line) down() []byte {
	bits, err := l.keyBits(eviocgkey)
	if err != nil {
		return nil
	}
	return bits[:]
}

func (l *line) keyBits(request uintptr) (bits [keyBytes]byte, err error) {
	err = l.control(func(fd uintptr) error {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(&bits[0])))
		if errno != 0 {
			return errno
		}
		return nil
	})
	return bits, err
}

// control calls f with the descriptor. File.Fd would make the device block.
func (l *line) control(f func(fd uintptr) error) error {
	conn, err := l.file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := conn.Control(func(fd uintptr) { inner = f(fd) }); err != nil {
		return err
	}
	return inner
}

func allUp(keys []byte) bool {
	for _, b := range keys {
		if b != 0 {
			return false
		}
	}
	return true
}

// faults joins what the system says to what is shown of it.
var faults = []struct {
	errs    []error
	state   scan.State
	passing bool
	zh, en  string
}{
	{[]error{unix.EACCES, unix.EPERM}, scan.Refused, true,
		"没有权限打开键盘口扫码枪 %s：请把运行本程序的用户加入 input 组，然后重新启动程序。",
		"No permission to open the keyboard scanner at %s: add the user that runs this program to the group input and restart the program."},
	{[]error{unix.EBUSY}, scan.Busy, false,
		"另一个程序正在独占键盘口扫码枪 %s：请关闭那个程序。",
		"Another program has taken the keyboard scanner at %s: close that program."},
	{[]error{errNotKeyboard, unix.ENOTTY, unix.EINVAL, unix.EISDIR, unix.ENOSYS}, scan.Refused, false,
		"%s 不是键盘：请选择该扫码枪以 -event-kbd 结尾的设备，或把扫码枪改为 USB 虚拟串口并设 kind = \"serial\"。",
		"%s is no keyboard: choose the scanner's device that ends with -event-kbd, or set the scanner to USB serial and kind = \"serial\"."},
	{[]error{unix.ENODEV, unix.EIO}, scan.Missing, false,
		"键盘口扫码枪 %s 已断开：请检查连接线，插好后会自动恢复。",
		"The keyboard scanner at %s was unplugged: check its cable. It comes back by itself."},
	{nil, scan.Missing, false,
		"找不到键盘口扫码枪 %s：请检查连接线和配置，插好后会自动恢复。",
		"No keyboard scanner at %s: check its cable and the settings. Once plugged in it comes back by itself."},
}

// fault tells an error in a sentence; what no row knows of is shown as missing.
func (s *Source) fault(err error) error {
	row := faults[len(faults)-1]
search:
	for _, f := range faults {
		for _, known := range f.errs {
			if errors.Is(err, known) {
				row = f
				break search
			}
		}
	}
	return &scanport.Fault{
		State: row.state, Passing: row.passing, Err: err,
		Sentence: scan.Sentence{ZH: fmt.Sprintf(row.zh, s.opt.Path), EN: fmt.Sprintf(row.en, s.opt.Path)},
	}
}

func openingSentence(path string) scan.Sentence {
	return scan.Sentence{ZH: "正在打开键盘口扫码枪 " + path + "。", EN: "Opening the keyboard scanner at " + path + "."}
}

func readySentence(path string) scan.Sentence {
	return scan.Sentence{ZH: "键盘口扫码枪 " + path + " 工作正常。", EN: "The keyboard scanner at " + path + " is working."}
}

func garbledSentence(path string) scan.Sentence {
	return scan.Sentence{
		ZH: fmt.Sprintf("键盘口扫码枪 %s 连续发来无法识别的内容：请把扫码枪设为美式键盘，结束符设为回车。", path),
		EN: fmt.Sprintf("What the keyboard scanner at %s sends cannot be read, several times in a row: set it to the US keyboard and its suffix to Enter.", path),
	}
}
