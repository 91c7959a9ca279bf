// Storybook serves every state of every page with sample data, so that a page
// can be looked at without a shop, and makes pictures of them all. It holds
// no ledger and talks to nobody.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/jifen-pos/jifen/sync/hq/dashboard"
	"github.com/jifen-pos/jifen/terminal/cashier"
	"github.com/jifen-pos/jifen/terminal/webui"
	"github.com/jifen-pos/jifen/terminal/words"
)

// pin opens every page of the storybook; there is nothing behind them.
const pin = "123456"

func main() {
	listen := flag.String("listen", "127.0.0.1:8499", "host:port of the cashier's pages; the dashboards take the free ports they get")
	shots := flag.String("shots", "", "make pictures of every state into this folder, and end")
	only := flag.String("only", "", "with -shots, -check and -axe: only states whose name holds this text")
	light := flag.String("light", "", "with -shots, -check and -axe: only lights whose name holds this text, such as zh.light.1024")
	check := flag.Bool("check", false, "look at every state for what is clipped, covered, too small or scrolls, and end")
	axe := flag.String("axe", "", "let this script of axe-core look at every state, and end")
	chromium := flag.String("chromium", "/usr/bin/chromium", "the browser that makes the pictures")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, *listen, camera{folder: *shots, only: *only, light: *light, chromium: *chromium, check: *check, axe: *axe}); err != nil {
		fmt.Fprintln(os.Stderr, "storybook:", err)
		os.Exit(1)
	}
}

// page is one state at its address.
type page struct {
	Name, URL string
	signIn    string
	panel     string // to be opened, or ""
	press     string // a button to be pressed, as a selector, or ""
}

func run(ctx context.Context, listen string, c camera) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var pages []page
	var servers []*webui.Server
	till, tills, err := cashierPages(listen)
	if err != nil {
		return err
	}
	if err := mountStories(till, func() []page { return pages }); err != nil {
		return err
	}
	servers, pages = append(servers, till), append(pages, append(tills, page{Name: "stories", URL: "http://" + till.Addr() + "/stories"})...)
	for _, s := range dashboardStories() {
		server, p, err := dashboardPage(s)
		if err != nil {
			return err
		}
		servers, pages = append(servers, server), append(pages, p)
	}
	var all sync.WaitGroup
	ended := make(chan error, len(servers))
	for _, s := range servers {
		all.Go(func() { ended <- s.Run(ctx) })
	}
	var failed error
	if c.looks() {
		failed = c.take(ctx, pages)
	} else {
		fmt.Println("PIN", pin, "— all of them are listed, with colours, type and space, at http://"+till.Addr()+"/stories")
		for _, p := range pages {
			fmt.Printf("%-28s %s\n", p.Name, p.URL)
		}
		<-ctx.Done()
	}
	cancel()
	all.Wait()
	for range servers {
		failed = errors.Join(failed, <-ended)
	}
	return failed
}

func server(listen, title string) (*webui.Server, error) {
	s, err := webui.New(webui.Options{
		Listen: listen, Title: title, Say: words.In, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		People: []webui.Person{{ID: "li", Name: "李晓梅", Role: "cashier", PIN: webui.HashPIN(pin, []byte("storybook"))}, {ID: "wu", Name: "吴国强", Role: "keeper", PIN: webui.HashPIN(pin, []byte("storybook"))}},
	})
	if err != nil {
		return nil, err
	}
	return s, s.Listen()
}

// cashierPages serves every state of the cashier's screen, each as a lane.
func cashierPages(listen string) (*webui.Server, []page, error) {
	s, err := server(listen, "cashier-title")
	if err != nil {
		return nil, nil, err
	}
	stories := cashierStories()
	papers, err := newShelf()
	if err != nil {
		return nil, nil, err
	}
	o := cashier.Options{Server: s, Hub: webui.NewHub(), Till: sampleTill{stories}, Lanes: uint32(len(stories)), Papers: papers, Devices: sampleTill{stories}, Training: sampleTill{stories}, MemberPage: "https://points.example/"}
	if _, err := cashier.Mount(o); err != nil {
		return nil, nil, err
	}
	base := "http://" + s.Addr()
	pages := []page{{Name: "sign-in", URL: base + "/lane/1"}}
	for i, story := range stories {
		at := fmt.Sprintf("%s/lane/%d", base, i+1)
		pages = append(pages, page{Name: "cashier-" + story.name, URL: at, signIn: base + "/lane/1/signin", panel: story.panel})
		if story.customer {
			pages = append(pages, page{Name: "customer-" + story.name, URL: at + "/customer"})
		}
	}
	return s, pages, nil
}

// dashboardPage serves one state of HQ's dashboard.
func dashboardPage(story dashboardStory) (*webui.Server, page, error) {
	s, err := server("127.0.0.1:0", "dashboard-title")
	if err != nil {
		return nil, page{}, err
	}
	if _, err := dashboard.Mount(dashboard.Options{Server: s, Hub: webui.NewHub(), HQ: story, Settle: story}); err != nil {
		return nil, page{}, err
	}
	base := "http://" + s.Addr()
	return s, page{Name: "dashboard-" + story.name, URL: base + "/", signIn: base + "/signin", press: story.press}, nil
}
