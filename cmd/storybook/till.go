package main

import (
	"errors"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/escpos/paper"
	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/cashier"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/desk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/token"
)

// sampleProgramme names what the stories show.
var sampleProgramme = func() *programme.Programme {
	p, err := programme.Parse(demo.Programme)
	if err != nil {
		panic(err) // the demonstration's own document
	}
	gives := programme.Gives{Asset: "points:green", Points: 50}
	p.Activities = []programme.Activity{{ID: "tea-talk", Name: programme.Text{ZH: "春季茶艺讲座", EN: "Spring tea talk"}, Gives: gives}, {ID: "repair", Name: programme.Text{ZH: "家电以旧换新咨询日", EN: "Appliance trade-in day"}, Gives: gives}}
	p.Surveys = []programme.Survey{{ID: "service", Version: 1, Name: programme.Text{ZH: "到店服务满意度", EN: "How was the service"}, Questions: make([]programme.Question, 3), Gives: gives}}
	p.Tasks = []programme.Task{{ID: "visits", Name: programme.Text{ZH: "本月来店五次", EN: "Five visits this month"}, Target: 5, Gives: gives}}
	return p
}()

// sampleTill shows one story a lane. It does nothing that it is told.
type sampleTill struct{ stories []cashierStory }

var errSample = &till.Refusal{Code: "internal-fault"}

func (t sampleTill) at(lane uint32) (cashierStory, error) {
	if lane == 0 || int(lane) > len(t.stories) {
		return cashierStory{}, errors.New("no such story")
	}
	return t.stories[lane-1], nil
}

func (t sampleTill) View(lane uint32) (till.View, error) {
	s, err := t.at(lane)
	s.view.Lane = lane
	return s.view, err
}

func (t sampleTill) Devices(lane uint32) []cashier.DeviceView {
	s, err := t.at(lane)
	if err != nil {
		return nil
	}
	return s.devices
}

func (sampleTill) Cashier(uint32) string               { return "li" }
func (sampleTill) SignIn(clerk.By) error               { return nil }
func (sampleTill) SignOut(clerk.By) error              { return nil }
func (sampleTill) Scan(clerk.By, string, string) error { return errSample }
func (sampleTill) SetQty(clerk.By, int, int64) error   { return errSample }
func (sampleTill) Deduct(clerk.By, lot.Fen) error      { return errSample }
func (sampleTill) DropMember(clerk.By) error           { return errSample }
func (sampleTill) Clear(clerk.By) error                { return errSample }
func (sampleTill) PutVoucherAway(clerk.By) error       { return errSample }
func (sampleTill) Challenge(clerk.By) error            { return errSample }
func (sampleTill) Reprint(clerk.By, uint64) error      { return errSample }
func (sampleTill) Notice(clerk.By, string) error       { return errSample }
func (sampleTill) Settle(clerk.By, uint64) error       { return errSample }
func (sampleTill) HeadCode() (string, error)           { return "", nil }
func (sampleTill) Testify(clerk.By, ledger.Witness, string) (clerk.Verdict, token.Head, error) {
	return "", token.Head{}, errSample
}
func (sampleTill) Pay(clerk.By, till.Payment) (clerk.Done, error) { return clerk.Done{}, errSample }
func (sampleTill) Redeem(clerk.By, string, string) (clerk.Done, error) {
	return clerk.Done{}, errSample
}
func (sampleTill) RedeemAlong(clerk.By, string) error       { return errSample }
func (sampleTill) Programme() *programme.Programme          { return sampleProgramme }
func (sampleTill) StepUp(clerk.By, till.StepUp) error       { return errSample }
func (sampleTill) UnlockPIN(clerk.By, string) (bool, error) { return false, errSample }
func (sampleTill) UseBest(clerk.By) error                   { return errSample }
func (sampleTill) UseCoupon(clerk.By, lot.ID) error         { return errSample }
func (sampleTill) UsePool(clerk.By, bool) error             { return errSample }
func (sampleTill) OfferPlay(clerk.By, string) error         { return errSample }
func (sampleTill) WithdrawPlay(clerk.By) error              { return errSample }
func (sampleTill) AskSurvey(clerk.By, string) error         { return errSample }
func (sampleTill) EndSurvey(clerk.By) error                 { return errSample }
func (sampleTill) PutClaimAway(clerk.By) error              { return errSample }
func (sampleTill) ClaimPoints(clerk.By) error               { return errSample }
func (sampleTill) Begin(uint32) (clerk.Done, error)         { return clerk.Done{}, errSample }
func (sampleTill) AnswerSurvey(uint32, int, int) (clerk.Done, error) {
	return clerk.Done{}, errSample
}
func (sampleTill) Play(clerk.By, string, string) (clerk.Done, error) { return clerk.Done{}, errSample }
func (sampleTill) Swap(clerk.By, string, string) (clerk.Done, error) { return clerk.Done{}, errSample }
func (sampleTill) ClaimBack(clerk.By, till.ClaimReturn) (clerk.Done, error) {
	return clerk.Done{}, errSample
}
func (sampleTill) Park(clerk.By) error                   { return errSample }
func (sampleTill) TakeUp(clerk.By, uint64) error         { return errSample }
func (sampleTill) LookUpSale(clerk.By, string) error     { return errSample }
func (sampleTill) ChooseBack(clerk.By, int, int64) error { return errSample }
func (sampleTill) ChooseAllBack(clerk.By, bool) error    { return errSample }
func (sampleTill) PutSaleAway(clerk.By) error            { return errSample }
func (sampleTill) TakeBack(clerk.By, string, string) (clerk.Done, error) {
	return clerk.Done{}, errSample
}
func (sampleTill) Join(clerk.By, desk.Joining) (clerk.Done, error) { return clerk.Done{}, errSample }
func (sampleTill) Attend(clerk.By, string, string) (clerk.Done, error) {
	return clerk.Done{}, errSample
}
func (sampleTill) Give(clerk.By, string, string, lot.Amount) (clerk.Done, error) {
	return clerk.Done{}, errSample
}
func (sampleTill) Adjust(clerk.By, till.Adjustment) (clerk.Done, error) {
	return clerk.Done{}, errSample
}
func (sampleTill) OpenDay(clerk.By, string, lot.Fen) (clerk.Done, error) {
	return clerk.Done{}, errSample
}
func (sampleTill) CloseDay(clerk.By, string, lot.Fen) (clerk.Done, error) {
	return clerk.Done{}, errSample
}
func (sampleTill) TakeVoucherBack(clerk.By, string, lot.ID, bool) (clerk.Done, error) {
	return clerk.Done{}, errSample
}

func (sampleTill) UseVoucherFor(clerk.By, string, string) (clerk.Done, error) {
	return clerk.Done{}, errSample
}
func (sampleTill) Hand(clerk.By, string, string) (clerk.Done, error) { return clerk.Done{}, errSample }
func (sampleTill) Confide(clerk.By, desk.Confidence) (clerk.Done, error) {
	return clerk.Done{}, errSample
}
func (sampleTill) Answer(clerk.By, string, string, []int) (clerk.Done, error) {
	return clerk.Done{}, errSample
}

// shelf is two pictures of papers, made as a printer would.
type shelf map[string][]byte

func newShelf() (shelf, error) {
	s := shelf{}
	for name, doc := range map[string]*receipt.Document{"paper-000001.png": sampleReceipt(), "paper-000002.png": sampleVoucher()} {
		b, err := escpos.Encode(*doc, escpos.Generic58)
		if err != nil {
			return nil, err
		}
		papers, err := paper.Read(b, escpos.Generic58.Dots)
		if err != nil {
			return nil, err
		}
		if s[name], err = paper.PNG(papers[0]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (shelf) List() []cashier.PaperView {
	return []cashier.PaperView{{Name: "paper-000002.png", Title: "兑换券"}, {Name: "paper-000001.png", Title: "购物小票"}}
}

func (s shelf) Picture(name string) ([]byte, error) { return s[name], nil }

func sampleReceipt() *receipt.Document {
	d := receipt.New("购物小票")
	d.Centre("河滨店", receipt.Bold, receipt.Large)
	d.Pair("单号 1-000042", "2026-11-22 10:16")
	d.Rule()
	d.Pair("有机小米 1kg", "26.80")
	d.Pair("合计", "26.80", receipt.Bold)
	d.Pair("本次获得绿色积分", "26")
	d.Centre("谢谢惠顾，绿色消费")
	return d
}

func sampleVoucher() *receipt.Document {
	d := receipt.New("兑换券")
	d.Centre("茗茶体验套装", receipt.Bold, receipt.Large)
	d.QR("JF1:8QZ2M0W7RXT4K1B9C3V6N5D8F2G7H4J1L0P3S6T9U2Y5A8E1I4O7", "收银员扫码兑付")
	d.Pair("有效期至", "2027-01-21")
	return d
}
