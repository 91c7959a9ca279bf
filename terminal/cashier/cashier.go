// Package cashier is the cashier's screen of a terminal: one page a lane, its
// commands, and its stream of fragments. The page is a projection of
// till.View: this package keeps no basket and decides nothing about a sale.
package cashier

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jifen-pos/jifen/terminal/cashier/page"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/desk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/token"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Till is what the screen asks of a terminal.
type Till interface {
	View(lane uint32) (till.View, error)
	Programme() *programme.Programme
	Cashier(lane uint32) string
	SignIn(clerk.By) error
	SignOut(clerk.By) error
	StepUp(clerk.By, till.StepUp) error
	UnlockPIN(by clerk.By, person string) (was bool, err error)
	Scan(by clerk.By, aim, text string) error
	SetQty(by clerk.By, line int, qty int64) error
	Deduct(by clerk.By, fen lot.Fen) error
	UseBest(clerk.By) error
	UseCoupon(by clerk.By, id lot.ID) error
	UsePool(by clerk.By, on bool) error
	DropMember(clerk.By) error
	Clear(clerk.By) error
	Park(clerk.By) error
	TakeUp(by clerk.By, n uint64) error
	Pay(clerk.By, till.Payment) (clerk.Done, error)
	Redeem(by clerk.By, ref, benefit string) (clerk.Done, error)
	RedeemAlong(by clerk.By, benefit string) error
	UseVoucherFor(by clerk.By, ref, instead string) (clerk.Done, error)
	PutVoucherAway(clerk.By) error
	Challenge(clerk.By) error
	TakeVoucherBack(by clerk.By, ref string, id lot.ID, used bool) (clerk.Done, error)
	LookUpSale(by clerk.By, name string) error
	ChooseBack(by clerk.By, line int, qty int64) error
	ChooseAllBack(by clerk.By, void bool) error
	PutSaleAway(clerk.By) error
	TakeBack(by clerk.By, ref, tender string) (clerk.Done, error)
	Swap(by clerk.By, ref, tender string) (clerk.Done, error)
	ClaimBack(clerk.By, till.ClaimReturn) (clerk.Done, error)
	ClaimPoints(clerk.By) error
	PutClaimAway(clerk.By) error
	Play(by clerk.By, ref, game string) (clerk.Done, error)
	OfferPlay(by clerk.By, game string) error
	WithdrawPlay(clerk.By) error
	Begin(lane uint32) (clerk.Done, error)
	AskSurvey(by clerk.By, survey string) error
	EndSurvey(clerk.By) error
	AnswerSurvey(lane uint32, question, option int) (clerk.Done, error)
	Join(clerk.By, desk.Joining) (clerk.Done, error)
	Attend(by clerk.By, ref, activity string) (clerk.Done, error)
	Hand(by clerk.By, ref, reason string) (clerk.Done, error)
	Confide(by clerk.By, c desk.Confidence) (clerk.Done, error)
	Answer(by clerk.By, ref, survey string, answers []int) (clerk.Done, error)
	Give(by clerk.By, ref, to string, points lot.Amount) (clerk.Done, error)
	Adjust(clerk.By, till.Adjustment) (clerk.Done, error)
	OpenDay(by clerk.By, ref string, float lot.Fen) (clerk.Done, error)
	CloseDay(by clerk.By, ref string, counted lot.Fen) (clerk.Done, error)
	Reprint(by clerk.By, job uint64) error
	Settle(by clerk.By, job uint64) error
	Notice(by clerk.By, game string) error
	HeadCode() (string, error)
	Testify(clerk.By, ledger.Witness, string) (clerk.Verdict, token.Head, error)
}

var _ Till = (*desk.Desk)(nil)

// Devices tells how the devices of a lane are.
type Devices interface {
	Devices(lane uint32) []DeviceView
}

// DeviceView is one device as a cashier sees it: the state in words of both
// languages.
type DeviceView struct {
	Kind string // scanner or printer
	Name string
	OK   bool
	ZH   string
	EN   string
}

// Papers are pictures of what was printed, where the printer keeps them.
type Papers interface {
	List() []PaperView // newest first
	Picture(name string) ([]byte, error)
}

// PaperView is one printed paper.
type PaperView struct {
	Name  string // of the picture, such as paper-000001.png
	Title string
	Made  time.Time
}

// Options are what the screen is made of.
type Options struct {
	Server   *webui.Server
	Hub      *webui.Hub // woken by the till's Changed
	Till     Till
	Lanes    uint32  // lanes 1 to Lanes; 0 is 1
	Papers   Papers  // nil: none are kept
	Devices  Devices // nil: none are shown
	Training Till    // on a ledger of its own; nil: there is none
	Trained  Papers  // of Training; nil: none are kept
	// Picture is what a benefit looks like, as bytes of a kind; none is drawn
	// by the screen itself.
	Picture func(benefit string) (kind string, body []byte)
	// MemberPage is where members find their points; "" is nowhere.
	MemberPage string
}

// Screen is the cashier's screen, and the customer's beside it.
type Screen struct {
	o         Options
	templates *template.Template
	training  []atomic.Bool // of each lane, from 1
}

// Mount puts the screen's routes and assets on its server.
func Mount(o Options) (*Screen, error) {
	o.Lanes = max(o.Lanes, 1)
	s := &Screen{o: o, training: make([]atomic.Bool, o.Lanes+1)}
	var err error
	if s.templates, err = o.Server.Dress(page.Assets, page.Templates); err != nil {
		return nil, fmt.Errorf("cashier's page: %w", err)
	}
	s.route()
	return s, nil
}

// Till is whose ledger a lane works on now: the real one, or the training's.
func (s *Screen) Till(lane uint32) Till {
	if s.Training(lane) {
		return s.o.Training
	}
	return s.o.Till
}

// Training reports whether somebody practises at a lane.
func (s *Screen) Training(lane uint32) bool {
	return lane > 0 && lane <= s.o.Lanes && s.o.Training != nil && s.training[lane].Load()
}

func (s *Screen) route() {
	web := s.o.Server
	web.Open("GET /{$}", func(w http.ResponseWriter, r *http.Request) { s.show(w, r, 1) })
	web.Open("GET /lane/{lane}", func(w http.ResponseWriter, r *http.Request) {
		n, err := s.lane(r)
		if err != nil {
			web.Reply(w, r, err)
			return
		}
		s.show(w, r, n)
	})
	web.Open("POST /lane/{lane}/signin", s.signIn)
	web.Signed("GET /papers/{name}", s.picture(s.o.Papers))
	web.Signed("GET /training/papers/{name}", s.picture(s.o.Trained))
	web.Open("GET /pictures/{benefit}", s.benefit)
	s.at("GET /lane/{lane}/view.json", s.viewJSON)
	s.at("GET /lane/{lane}/stream", s.stream)
	for path, c := range s.commands() {
		s.at("POST /lane/{lane}/"+path, func(w http.ResponseWriter, r *http.Request, by clerk.By, p webui.Person) {
			s.run(w, r, by, p, c)
		})
	}
	s.routeWitness()
	s.routeCustomer()
	s.routeTouch()
	s.at("POST /lane/{lane}/train", s.train)
	s.at("POST /lane/{lane}/unlock", s.unlock)
	s.at("POST /lane/{lane}/lock", func(w http.ResponseWriter, r *http.Request, _ clerk.By, _ webui.Person) {
		web.SignOut(w, r)
		web.Reply(w, r, nil)
	})
	s.at("POST /lane/{lane}/signout", func(w http.ResponseWriter, r *http.Request, by clerk.By, _ webui.Person) {
		err := s.o.Till.SignOut(by)
		s.training[by.Lane].Store(false)
		web.SignOut(w, r)
		web.Reply(w, r, s.fault(r, err))
	})
}

// at serves a route of a lane to who works there, and to nobody else.
func (s *Screen) at(pattern string, h func(http.ResponseWriter, *http.Request, clerk.By, webui.Person)) {
	s.o.Server.Signed(pattern, func(w http.ResponseWriter, r *http.Request, p webui.Person) {
		n, err := s.lane(r)
		if err == nil && s.o.Till.Cashier(n) != p.ID {
			err = &webui.Fault{Status: http.StatusUnauthorized, Code: "sign-in-needed"}
		}
		if err != nil {
			s.o.Server.Reply(w, r, err)
			return
		}
		h(w, r, clerk.By{Lane: n, Actor: p.ID}, p)
	})
}

func (s *Screen) lane(r *http.Request) (uint32, error) {
	n, err := strconv.ParseUint(r.PathValue("lane"), 10, 32)
	if err != nil || n == 0 || n > uint64(s.o.Lanes) {
		return 0, &webui.Fault{Status: http.StatusNotFound, Code: "no-lane"}
	}
	return uint32(n), nil
}

// fault gives an answer its status: 422 for what the till refuses, 409 for a
// reference that was used for something else, 503 where the result of writing
// is not known (bolt R9).
func (s *Screen) fault(r *http.Request, err error) error {
	var refusal *till.Refusal
	var declined *clerk.Declined
	switch {
	case errors.As(err, &refusal):
		f := &webui.Fault{Status: http.StatusUnprocessableEntity, Code: refusal.Code}
		for _, a := range refusal.Args {
			f.Args = append(f.Args, a.In(s.o.Server.Lang(r)))
		}
		return f
	case errors.As(err, &declined):
		return &webui.Fault{
			Status: http.StatusUnprocessableEntity, Code: declined.Code, Args: []string{fmt.Sprint(declined.Want), fmt.Sprint(declined.Has)},
		}
	case errors.Is(err, clerk.ErrReference):
		return &webui.Fault{Status: http.StatusConflict, Code: "reference-used"}
	case errors.Is(err, journal.ErrFull):
		return &webui.Fault{Status: http.StatusInsufficientStorage, Code: "ledger-full"}
	case errors.Is(err, journal.ErrUnknownResult):
		return &webui.Fault{Status: http.StatusServiceUnavailable, Code: "result-unknown"}
	}
	return err
}
