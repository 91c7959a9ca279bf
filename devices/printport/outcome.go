package printport

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
	Confirmed bool    // the printer itself said that all is printed
	Trouble   Trouble // why not Sent
	Written   int     // bytes of the job that left
}

// Trouble is why a printer did not print. It is an error to be matched with errors.Is.
type Trouble uint8

// The troubles.
const (
	None        Trouble = iota
	Off                 // cannot be reached
	NoPaper             // paper is out
	CoverOpen           // cover is open
	Fault               // the printer reports an error, or is offline for another reason
	Silent              // takes nothing, or stopped answering
	Refused             // the system does not let us: permission, or another program has it
	Interrupted         // we were told to stop
)

// Error returns the English sentence.
func (t Trouble) Error() string {
	_, en := t.Sentence()
	return en
}

// Sentence says to the cashier what to do, in Chinese and in English. It is empty for None.
func (t Trouble) Sentence() (zh, en string) {
	switch t {
	case Off:
		return "打印机没有连上，请检查电源和连接线。", "The printer cannot be reached. Check its power and cable."
	case NoPaper:
		return "打印机没有纸了，请装纸。", "The printer is out of paper. Put in a new roll."
	case CoverOpen:
		return "打印机的盖子开着，请盖好。", "The printer's cover is open. Close it."
	case Fault:
		return "打印机报错，请看打印机上的指示灯。", "The printer reports an error. Look at its lamps."
	case Silent:
		return "打印机没有反应，请关掉电源再打开。", "The printer does not respond. Switch it off and on."
	case Refused:
		return "系统不让使用打印机，请找管理员。", "The system does not allow using the printer. Call the administrator."
	case Interrupted:
		return "打印被中断了。", "Printing was interrupted."
	}
	return "", ""
}

// Sentence says to the cashier what became of the job and what to do.
func (o Outcome) Sentence() (zh, en string) {
	zh, en = o.Trouble.Sentence()
	switch {
	case o.State == Unknown:
		return zh + "这张纸可能没有打完，请看一看。", en + " The paper may be incomplete. Look at it."
	case o.State == Sent && o.Confirmed:
		return "已打印。", "Printed."
	case o.State == Sent:
		return "已发送，请看一看打出来的纸。", "Sent. Look at the paper."
	}
	return zh, en
}
