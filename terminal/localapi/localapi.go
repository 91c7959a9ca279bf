// Package localapi is the HTTP interface through which another till's software
// drives a terminal: quotes, sales under the caller's own reference, members,
// vouchers, returns, what the terminal is doing, and a stream of what changes. It
// is version 1 under /api/v1 and describes itself as OpenAPI 3.1.
//
// It decides nothing: every answer is the till's. It takes money in fen and
// points in whole points, and never a fraction of either.
package localapi

import (
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/desk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/localapi/strict"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/token"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Base is where version 1 begins.
const Base = "/api/v1"

// Till is what the interface asks of a terminal.
type Till interface {
	View(lane uint32) (till.View, error)
	Quote(by clerk.By, o till.Order) (till.View, error)
	Place(by clerk.By, ref string, o till.Order) error
	Sell(by clerk.By, o till.Order, p till.Payment) (clerk.Done, error)
	Clear(clerk.By) error
	SignIn(clerk.By) error
	Cashier(lane uint32) string
	Outcome(ref string) (clerk.Done, error)
	Scan(by clerk.By, aim, text string) error
	Challenge(by clerk.By) error
	ExchangeFor(by clerk.By, r till.Returning, o till.Order, p till.Payment) (clerk.Done, error)
	RedeemFor(by clerk.By, ref string, o till.Order, benefit string) (clerk.Done, error)
	PlayFor(by clerk.By, ref, member, game string) (clerk.Done, error)
	HandOut(by clerk.By, ref, code, instead string) (clerk.Done, error)
	Sale(code string) (lot.Origin, error)
	TakeVoucherBack(by clerk.By, ref string, id lot.ID, used bool) (clerk.Done, error)
	Return(by clerk.By, r till.Returning) (clerk.Done, error)
	ClaimReturn(by clerk.By, r till.ClaimReturn) (clerk.Done, error)
	Jobs() ([]printjob.Paper, error)
	Reprint(by clerk.By, id uint64) error
	Notice(by clerk.By, game string) error
	// HeadCode and Testify make the caller a witness: it remembers the head that
	// it was shown last, and shows it after the terminal was without power.
	HeadCode() (string, error)
	Testify(by clerk.By, w ledger.Witness, text string) (clerk.Verdict, token.Head, error)
	SealVoucher(token.Voucher) (string, error)
	Record(clerk.By, ledger.Body) error
	StepUp(clerk.By, till.StepUp) error
	UnlockPIN(by clerk.By, person string) (was bool, err error)
}

// Desk is what the interface asks of a terminal's counter.
type Desk interface {
	JoinFor(by clerk.By, j desk.Joining) (clerk.Done, error)
	GiveFor(by clerk.By, ref, from, to string, points lot.Amount) (clerk.Done, error)
	AttendFor(by clerk.By, ref, who, activity string) (clerk.Done, error)
	AnswerFor(by clerk.By, ref, who, survey string, answers []int) (clerk.Done, error)
	HandFor(by clerk.By, ref, who, reason string) (clerk.Done, error)
	ConfideFor(by clerk.By, who string, c desk.Confidence) (clerk.Done, error)
	RefundOf(by clerk.By, r till.Returning) (lot.Fen, error)
	ReturnFacts(*ledger.Return) (slip.Facts, error)
}

// Device is one device of a lane and how it is, in words of both languages.
type Device struct {
	Kind string `json:"kind" doc:"scanner, printer, drawer, display, line to HQ or ledger"`
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	ZH   string `json:"zh" doc:"how it is, in Chinese"`
	EN   string `json:"en" doc:"how it is, in English"`
}

// Changes wakes whoever waits for something to change.
type Changes interface {
	Subscribe() (changed <-chan struct{}, cancel func())
}

// Options are what the interface is made of.
type Options struct {
	Till     Till
	Desk     Desk
	People   People
	Callers  []Caller // programs that vouch for people
	Lanes    uint32   // lanes 1 to Lanes; 0 is 1
	Devices  func(lane uint32) []Device
	Changes  Changes
	Zone     *time.Location // of the programme
	Software string
	Token    string   // what a caller over TCP shows; none lets nobody in there
	Hosts    []string // Host headers beside those of the address, with their port
	Now      func() time.Time
	Rand     io.Reader
	Log      *slog.Logger
}

// API is the interface. It is safe for concurrent use.
type API struct {
	o     Options
	huma  huma.API
	mux   *http.ServeMux
	lanes []sync.Mutex // one action at a lane at a time

	sessions *webui.Sessions

	callers gauge
	streams gauge
	scans   *scans
	closing chan struct{} // closed when streams are to end
}

// New makes the interface; it listens to nothing yet.
func New(o Options) *API {
	o.Lanes = max(o.Lanes, 1)
	a := &API{o: o, mux: http.NewServeMux(), lanes: make([]sync.Mutex, o.Lanes+1), scans: newScans(), closing: make(chan struct{})}
	a.callers.max, a.streams.max = callersMax, streamsMax
	a.sessions = webui.NewSessions(o.Now, o.Rand, sessionIdle)
	config := huma.DefaultConfig("Jifen local API", "1.0.0")
	config.Info.Description = "Drives a Jifen terminal from another till's software. Money is in fen, points are whole numbers, " +
		"days are dates of the programme's zone. Who acts signs in first (sessions) and has a role; what theirs does not allow somebody else may lend (second). Every action carries the caller's own reference: the same reference with the same content gets the same answer."
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", Base+"/schemas"
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: strict.Unmarshal}
	config.Formats = map[string]huma.Format{"application/json": format, "json": format}
	config.CreateHooks = nil // no $schema in answers: they stay as they are described
	config.Servers = []*huma.Server{{URL: "/"}}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "The content of api.token in the terminal's data folder, or the token of a program that vouches for people; over the unix socket none is needed."},
	}
	a.huma = humago.New(a.mux, config)
	a.route()
	return a
}

// OpenAPI is the description of the interface, as JSON.
func (a *API) OpenAPI() ([]byte, error) { return a.huma.OpenAPI().MarshalJSON() }

func (a *API) route() {
	a.routePeople()
	a.routeState()
	a.routeSales()
	a.routeMembers()
	a.routeBack()
	a.routeExchange()
	a.routeClaims()
	a.routePlays()
	a.routePersons()
	a.routePaper()
	a.routeNotice()
	a.routeWitness()
	a.routeEvents()
	a.mux.HandleFunc("GET "+Base+"/docs", a.docs)
	a.mux.HandleFunc("GET "+Base+"/openapi.json", a.description("application/openapi+json", a.OpenAPI))
	a.mux.HandleFunc("GET "+Base+"/openapi.yaml", a.description("application/openapi+yaml", a.huma.OpenAPI().YAML))
}
