package localapi

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// sessionIdle is after how long a session that nobody uses ends (sec U6).
const sessionIdle = 30 * time.Minute

// People are those who work at the terminal. Faults of Check are *webui.Fault.
type People interface {
	People() []webui.Person
	Check(ctx context.Context, id, pin string) (webui.Person, error)
	Locked() []webui.Person
}

// Caller is a program that vouches for people who signed in at it.
type Caller struct {
	Name   string
	Token  [sha256.Size]byte // the hash of what it shows
	People []string          // ids
}

// Who says who does something.
type Who struct {
	Session string `header:"Jifen-Session" maxLength:"64" doc:"of who does it, as POST /sessions gave it: it is their name that the journal has"`
}

// Entrance lets somebody in.
type Entrance struct {
	Person string `json:"person" minLength:"1" maxLength:"32" pattern:"^[A-Za-z0-9._-]+$" doc:"their id in the terminal's settings" example:"c1"`
	PIN    string `json:"pin,omitempty" maxLength:"64" doc:"theirs; none where the caller's token stands for them (api.callers in the settings)"`
}

// Session is somebody who was let in.
type Session struct {
	Session string `json:"session" doc:"to be sent as Jifen-Session with all that they do"`
	Person  string `json:"person" example:"c1"`
	Name    string `json:"name"`
	Role    string `json:"role" enum:"cashier,senior,keeper,auditor"`
	Ends    string `json:"ends" format:"date-time" doc:"at the latest; after 30 minutes without use in any case"`
}

// Worker is one of those who work here.
type Worker struct {
	ID     string `json:"id" example:"c1"`
	Name   string `json:"name"`
	Role   string `json:"role" enum:"cashier,senior,keeper,auditor"`
	Locked bool   `json:"locked" doc:"after ten wrong PINs in a row, until a keeper or HQ unlocks"`
}

type (
	entranceIn struct{ Body Entrance }
	sessionOut struct{ Body Session }
	workersOut struct{ Body []Worker }
	lockIn     struct {
		Who
		Person string `path:"person" maxLength:"32"`
	}
)

func (a *API) routePeople() {
	huma.Register(a.huma, operation("people", http.MethodGet, "/people", "Who works here", "In the order of the settings."),
		func(context.Context, *struct{}) (*workersOut, error) { return &workersOut{a.workers()}, nil })
	huma.Register(a.huma, operation("sign-in", http.MethodPost, "/sessions", "Sign in",
		"By PIN, or by the word of a program that may vouch for the person. Wrong PINs make the next one wait (429), and the tenth in a row locks the person (423)."),
		func(ctx context.Context, in *entranceIn) (*sessionOut, error) {
			s, err := a.enter(ctx, in.Body)
			return &sessionOut{s}, a.fault(err)
		})
	huma.Register(a.huma, operation("sign-out", http.MethodDelete, "/sessions", "Sign out", "Ends the session."),
		func(_ context.Context, in *Who) (*struct{}, error) {
			p, err := a.who(*in)
			if err == nil {
				a.sessions.End(in.Session)
				a.wrote(a.o.Till.Record(clerk.By{Actor: p.ID}, &ledger.SignIn{Out: true, Via: p.Via}))
			}
			return nil, err
		})
	huma.Register(a.huma, operation("unlock", http.MethodDelete, "/people/{person}/lock", "Unlock a PIN", "By a keeper, who is written down."),
		func(_ context.Context, in *lockIn) (*struct{}, error) {
			p, err := a.may(in.Who, role.Unlock)
			if err != nil {
				return nil, err
			}
			was, err := a.o.Till.UnlockPIN(clerk.By{Actor: p.ID}, in.Person)
			if err == nil && !was {
				err = problem(http.StatusUnprocessableEntity, "not-locked", plain(in.Person))
			}
			return nil, a.fault(err)
		})
}

func (a *API) workers() []Worker {
	list, locked := []Worker{}, a.o.People.Locked()
	for _, p := range a.o.People.People() {
		list = append(list, Worker{p.ID, p.Name, p.Role, slices.ContainsFunc(locked, func(l webui.Person) bool { return l.ID == p.ID })})
	}
	return list
}

// enter lets somebody in by their PIN, or because their program says so.
func (a *API) enter(ctx context.Context, e Entrance) (s Session, err error) {
	var p webui.Person
	if e.PIN != "" {
		p, err = a.o.People.Check(ctx, e.Person, e.PIN)
	} else {
		p, err = a.vouched(ctx, e.Person)
	}
	if err != nil {
		return s, err
	}
	s = Session{Person: p.ID, Name: p.Name, Role: p.Role, Ends: a.o.Now().Add(webui.SessionLife).In(a.o.Zone).Format(timeForm)}
	if s.Session, err = a.sessions.Start(p); err == nil {
		a.wrote(a.o.Till.Record(clerk.By{Actor: p.ID}, &ledger.SignIn{Via: p.Via}))
	}
	return s, err
}

// vouched is somebody for whom the program that asks may speak.
func (a *API) vouched(ctx context.Context, id string) (webui.Person, error) {
	c, _ := ctx.Value(callerKey{}).(*Caller)
	for _, p := range a.o.People.People() {
		if c != nil && p.ID == id && slices.Contains(c.People, id) {
			p.Via = c.Name
			return p, nil
		}
	}
	return webui.Person{}, problem(http.StatusForbidden, "pin-needed")
}

// wrote notes that somebody's coming or going could not be written down: a full
// disk keeps nobody out.
func (a *API) wrote(err error) {
	if err != nil {
		a.o.Log.Warn("local API: a session is not in the journal", "error", err)
	}
}

// who is somebody who has signed in.
func (a *API) who(w Who) (webui.Person, error) {
	p, ok := a.sessions.Find(w.Session, true)
	if !ok {
		return p, problem(http.StatusUnauthorized, "sign-in-needed")
	}
	return p, nil
}

// may is who for somebody who may do something without anybody else's leave.
func (a *API) may(w Who, act role.Act) (webui.Person, error) {
	p, err := a.who(w)
	if err == nil && !role.Role(p.Role).May(act) {
		err = problem(http.StatusForbidden, "may-not")
	}
	return p, err
}

type callerKey struct{}

// caller is the program whose token a request shows, if it is one that vouches.
// Nobody can tell by the time how much of a token is right.
func (a *API) caller(authorization string) (found *Caller) {
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	got := sha256.Sum256([]byte(token))
	for n := range a.o.Callers {
		if c := &a.o.Callers[n]; subtle.ConstantTimeCompare(got[:], c.Token[:]) == 1 && ok {
			found = c
		}
	}
	return found
}
