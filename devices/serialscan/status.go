package serialscan

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/scanport"
)

// A fault joins an error of the port to what is shown of it. The sentences take
// the path, and that of the speed takes the speed too.
type fault struct {
	err    error
	state  scan.State
	zh, en string
}

var faults = []fault{
	{errPermission, scan.Refused,
		"没有权限打开扫码枪 %s：请把运行本程序的用户加入 dialout 组，然后重新启动程序。",
		"No permission to open the scanner at %s: add the user that runs this program to the group dialout and restart the program."},
	{errNotSerial, scan.Refused,
		"%s 不是串口设备：请在配置里填写扫码枪的设备路径。",
		"%s is not a serial device: set the path of the scanner in the configuration."},
	{errBadBaud, scan.Refused,
		"扫码枪 %s 的波特率 %d 无效：请改为 9600 或 115200 等标准值。",
		"The scanner at %s cannot run at %d baud: set a standard speed, such as 9600 or 115200."},
	{errBusy, scan.Busy,
		"另一个程序正在使用扫码枪 %s：请关闭那个程序。",
		"Another program is using the scanner at %s: close that program."},
	{errUnplugged, scan.Missing,
		"扫码枪 %s 已断开：请检查连接线，插好后会自动恢复。",
		"The scanner at %s was unplugged: check its cable. It comes back by itself."},
	{errMissing, scan.Missing,
		"找不到扫码枪 %s：请检查连接线和配置里的设备路径，插好后会自动恢复。",
		"No scanner at %s: check its cable and the path in the configuration. Once plugged in it comes back by itself."},
}

func openingSentence(path string) scan.Sentence {
	return scan.Sentence{ZH: "正在打开扫码枪 " + path + "。", EN: "Opening the scanner at " + path + "."}
}

func readySentence(path string) scan.Sentence {
	return scan.Sentence{ZH: "扫码枪 " + path + " 工作正常。", EN: "The scanner at " + path + " is working."}
}

func garbledSentence(path string, baud int) scan.Sentence {
	return scan.Sentence{
		ZH: fmt.Sprintf("扫码枪 %s 连续发来无法识别的内容：请核对波特率（现为 %d，8 位数据、无校验、1 位停止位），并把扫码枪的结束符设为回车 CR。", path, baud),
		EN: fmt.Sprintf("What the scanner at %s sends cannot be read, several times in a row: check its speed (%d baud, 8N1 here) and set its suffix to CR.", path, baud),
	}
}

// sentence fills in the path, and the speed where it is the matter.
func (f fault) sentence(path string, baud int) scan.Sentence {
	args := []any{path}
	if f.err == errBadBaud {
		args = append(args, baud)
	}
	return scan.Sentence{ZH: fmt.Sprintf(f.zh, args...), EN: fmt.Sprintf(f.en, args...)}
}

// fault tells an error of the port in a sentence. What no row knows of is shown
// as missing: the line failed in a way that plugging it in again may mend.
func (s *Source) fault(err error) error {
	row := faults[len(faults)-1]
	for _, f := range faults {
		if errors.Is(err, f.err) {
			row = f
			break
		}
	}
	return &scanport.Fault{
		State: row.state, Sentence: row.sentence(s.opt.Path, s.opt.Baud), Passing: row.err == errPermission, Err: err,
	}
}
