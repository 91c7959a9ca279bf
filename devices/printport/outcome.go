package printport

import "github.com/jifen-pos/jifen/devices/escpos"

// State says what became of a job.
type State uint8

// The states. The zero value is the safe one to try again.
const (
	NotSent State = iota // no byte of the job left: safe to print again
	Sent                 // all bytes left; Confirmed tells whether the printer said so
	Unknown              // some may be on paper: only a person may decide to print again
)

// Outcome is what became of a job.
type Outcome struct {
	State     State
	Confirmed bool         // the printer itself said that all is printed
	Proof     escpos.Proof // how it said so
	Incident  Trouble      // what happened between the first byte and the proof: look at the paper all the same
	Uncut     bool         // printed, and the cutter did not come through
	Trouble   Trouble      // why not Sent
	Written   int          // bytes of the job that left
}

// Trouble is why a printer did not print. It is an error to be matched with
// errors.Is. The numbers are stored with print jobs: append, never reuse.
type Trouble uint8

// The troubles.
const (
	None        Trouble = iota
	Off                 // cannot be reached
	NoPaper             // paper is out
	CoverOpen           // cover is open
	Fault               // the printer reports an error, or is offline for another reason
	Silent              // takes nothing, or stopped answering
	Refused             // the system does not let us
	Interrupted         // we were told to stop
	Missing             // there is no such device
	Busy                // another program has it
	WrongKind           // it is a device of another kind
)

// Error returns the English sentence.
func (t Trouble) Error() string {
	_, en := t.Sentence()
	return en
}

// sentences say to the cashier or the installer what to do, in Chinese and in English.
var sentences = map[Trouble][2]string{
	Off:         {"打印机没有连上，请检查电源和连接线。", "The printer cannot be reached. Check its power and cable."},
	NoPaper:     {"打印机没有纸了，请装纸。", "The printer is out of paper. Put in a new roll."},
	CoverOpen:   {"打印机的盖子开着，请盖好。", "The printer's cover is open. Close it."},
	Fault:       {"打印机报错，请看打印机上的指示灯。", "The printer reports an error. Look at its lamps."},
	Silent:      {"打印机没有反应，请关掉电源再打开。", "The printer does not respond. Switch it off and on."},
	Refused:     {"系统不让使用打印机，请管理员把程序用户加入 lp（串口是 dialout）组。", "The system does not allow using the printer. Add the program's user to the group lp, or dialout for a serial port."},
	Interrupted: {"打印被中断了。", "Printing was interrupted."},
	Missing:     {"找不到打印机设备，请插好线，或改正设置里的地址。", "There is no such printer device. Plug the cable in, or correct the address in the settings."},
	Busy:        {"打印机被别的程序占用，请删除它的 CUPS 队列，停用 ipp-usb。", "Another program has the printer. Delete its CUPS queue and stop ipp-usb."},
	WrongKind:   {"设置里的地址不是打印机，请改正。", "The address in the settings is not a printer of that kind. Correct it."},
}

// Sentence says to the cashier what to do, in Chinese and in English. It is empty for None.
func (t Trouble) Sentence() (zh, en string) {
	s := sentences[t]
	return s[0], s[1]
}

// Sentence says to the cashier what became of the job and what to do.
func (o Outcome) Sentence() (zh, en string) {
	zh, en = o.Trouble.Sentence()
	switch {
	case o.State == Unknown:
		return zh + "这张纸可能没有打完，请看一看。", en + " The paper may be incomplete. Look at it."
	case o.State == Sent && o.Confirmed && o.Incident != None:
		return "打印中途出过问题，请看一看这张纸是否完整。", "Something happened while it was printed. Look whether the paper is whole."
	case o.State == Sent && o.Confirmed && o.Uncut:
		return "已打印，没有切纸，请撕下。", "Printed, but not cut. Tear it off."
	case o.State == Sent && o.Confirmed:
		return "已打印。", "Printed."
	case o.State == Sent:
		return "已发送，请看一看打出来的纸。", "Sent. Look at the paper."
	}
	return zh, en
}
