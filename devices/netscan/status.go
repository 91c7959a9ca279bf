package netscan

import (
	"fmt"

	"github.com/jifen-pos/jifen/devices/scan"
)

// Status returns how the source stands now. It may be called at any time from any
// goroutine.
func (s *Source) Status() scan.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// enter changes the state and the sentence.
func (s *Source) enter(state scan.State, sentence scan.Sentence) {
	s.mu.Lock()
	news := s.status.State != state || s.status.Sentence != sentence
	if news {
		s.status.State, s.status.Sentence, s.status.Since = state, sentence, s.opt.Now()
	}
	s.mu.Unlock()
	if news {
		s.log.Info("scans from other programs", "state", state.String(), "sentence", sentence.EN)
		s.opt.Changed()
	}
}

// count adds an event to the figures.
func (s *Source) count(e scan.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Bad != scan.NotBad {
		s.status.BadReads++
		s.status.BadRun++
		return
	}
	s.status.Scans++
	s.status.BadRun = 0
}

func openingSentence(o Options) scan.Sentence {
	if o.Listen == "" {
		return scan.Sentence{ZH: "正在打开标准输入。", EN: "Opening standard input for scans."}
	}
	return scan.Sentence{ZH: "正在监听 " + o.Listen + "。", EN: "Opening " + o.Listen + " for scans."}
}

func readySentence(o Options) scan.Sentence {
	if o.Listen == "" {
		return scan.Sentence{ZH: "正在从标准输入接收扫码。", EN: "Scans are taken from standard input."}
	}
	return scan.Sentence{ZH: "正在 " + o.Listen + " 接收其他程序的扫码。", EN: "Scans of other programs are taken at " + o.Listen + "."}
}

func endedSentence() scan.Sentence {
	return scan.Sentence{
		ZH: "标准输入已结束：请检查发送扫码的程序，并重新启动本程序。",
		EN: "Standard input has ended: look after the program that sends the scans, and restart this one.",
	}
}

func faultSentence(listen string, err error) scan.Sentence {
	switch faultState(err) {
	case scan.Busy:
		return scan.Sentence{
			ZH: fmt.Sprintf("地址 %s 已被另一个程序占用：请关闭那个程序或改用别的端口。", listen),
			EN: fmt.Sprintf("Another program has the address %s: close that program or choose another port.", listen),
		}
	case scan.Refused:
		return scan.Sentence{
			ZH: fmt.Sprintf("不能使用地址 %s：请填写本机的地址和 1024 以上的端口。", listen),
			EN: fmt.Sprintf("The address %s cannot be used: give an address of this machine and a port above 1024.", listen),
		}
	}
	return scan.Sentence{
		ZH: fmt.Sprintf("无法在 %s 接收扫码：请检查网络，恢复后会自动重试。", listen),
		EN: fmt.Sprintf("No scans can be taken at %s: check the network. It is tried again by itself.", listen),
	}
}
