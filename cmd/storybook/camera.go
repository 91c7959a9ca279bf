package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// camera looks at pages with a browser that has no window: it makes pictures of
// them, and tells what is wrong with them.
type camera struct {
	folder, only, light, chromium string

	check bool   // what is clipped, covered or too small is told
	axe   string // the script of axe-core, whose serious findings are told, or ""
}

// looks reports whether there is anything to look at pages for.
func (c camera) looks() bool { return c.folder != "" || c.check || c.axe != "" }

// light is one way of looking at a page.
type light struct {
	lang, scheme string
	width, high  int64
}

// String names a light in the names of pictures.
func (l light) String() string { return fmt.Sprintf("%s.%s.%d", l.lang, l.scheme, l.width) }

// lights are the ways in which every page is looked at.
var lights = []light{
	{"zh", "light", 1024, 600}, {"en", "light", 1024, 600}, {"zh", "dark", 1024, 600}, {"en", "dark", 1024, 600},
	{"zh", "light", 1920, 1080}, {"en", "light", 1920, 1080}, {"zh", "dark", 1920, 1080}, {"en", "dark", 1920, 1080},
}

const shotWait = 3 * time.Minute

func (c camera) take(ctx context.Context, pages []page) error {
	script, err := c.scripts()
	if err != nil {
		return err
	}
	profile, err := os.MkdirTemp("", "storybook")
	if err != nil {
		return fmt.Errorf("make the browser's folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(profile) }()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(c.chromium), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(profile), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, cancel := chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as the context it is opened under
		return fmt.Errorf("start %s: %w", c.chromium, err)
	}
	var faults []string
	looked := 0
	for _, p := range pages {
		if !strings.Contains(p.Name, c.only) {
			continue
		}
		for _, l := range lights {
			if !strings.Contains(l.String(), c.light) {
				continue
			}
			said, err := c.look(ctx, p, l, script)
			if err != nil {
				return fmt.Errorf("look at %s in %s: %w", p.Name, l, err)
			}
			looked++
			for _, f := range said {
				faults = append(faults, fmt.Sprintf("%s.%s: %s", p.Name, l, f))
			}
		}
	}
	fmt.Printf("%d pictures, %d faults\n", looked, len(faults))
	if len(faults) > 0 {
		return fmt.Errorf("pages with faults:\n%s", strings.Join(faults, "\n"))
	}
	return nil
}

// scripts makes the folder of pictures, and reads what is run on each page.
func (c camera) scripts() (list []string, err error) {
	if c.folder != "" {
		if err := os.MkdirAll(c.folder, 0o755); err != nil {
			return nil, fmt.Errorf("make the folder of pictures: %w", err)
		}
	}
	if c.check {
		list = append(list, measure)
	}
	if c.axe != "" {
		source, err := os.ReadFile(c.axe)
		if err != nil {
			return nil, fmt.Errorf("read axe-core: %w", err)
		}
		list = append(list, string(source)+axeRun)
	}
	return list, nil
}

// signed are the pages at which the browser has signed in: once is enough.
var signed = map[string]bool{}

// send posts a command from within the page, as the page itself does.
const send = `fetch(%q, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: %q}).then(r => r.status)`

// look opens a page in a light, makes its picture, and returns what the scripts
// say against it.
func (c camera) look(ctx context.Context, p page, l light, scripts []string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, shotWait)
	defer cancel()
	if err := chromedp.Do(ctx, stand(p, l)...); err != nil {
		return nil, err
	}
	if c.folder != "" {
		picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err == nil {
			err = os.WriteFile(filepath.Join(c.folder, fmt.Sprintf("%s.%s.png", p.Name, l)), picture, 0o644)
		}
		if err != nil {
			return nil, err
		}
	}
	var faults []string
	for _, script := range scripts {
		said, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
		if err != nil {
			return nil, err
		}
		if said != "" {
			faults = append(faults, strings.Split(said, "\n")...)
		}
	}
	return faults, nil
}

// stand leads the browser to a page in a light.
func stand(p page, l light) []chromedp.Action[chromedp.Void] {
	theme := chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
		return err
	})
	steps := []chromedp.Action[chromedp.Void]{
		chromedp.EmulateViewport(l.width, l.high), theme, chromedp.Navigate(p.URL),
		ignore(chromedp.Evaluate[int](fmt.Sprintf(send, "/language", `{"lang":"`+l.lang+`"}`), chromedp.EvalAwaitPromise)),
	}
	if p.signIn != "" && !signed[p.signIn] {
		signed[p.signIn] = true
		body := fmt.Sprintf(`{"person":"li","pin":%q}`, pin)
		steps = append(steps, ignore(chromedp.Evaluate[int](fmt.Sprintf(send, p.signIn, body), chromedp.EvalAwaitPromise)))
	}
	steps = append(steps, chromedp.Navigate(p.URL))
	if p.panel != "" {
		steps = append(steps, ignore(chromedp.Evaluate[string](fmt.Sprintf("document.body.dataset.open = %q", p.panel))))
	}
	if p.press != "" {
		steps = append(steps, ignore(chromedp.Evaluate[int](fmt.Sprintf("document.querySelector(%q).click(), 0", p.press))))
	}
	return append(steps, ignore(chromedp.Evaluate[int](`new Promise(done => setTimeout(done, 300, 0))`, chromedp.EvalAwaitPromise)))
}

// ignore runs an action for its effect.
func ignore[T any](a chromedp.Action[T]) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := a(ctx, t)
		return chromedp.Void{}, err
	}
}
