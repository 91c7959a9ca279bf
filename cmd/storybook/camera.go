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

// camera makes pictures of pages with a browser that has no window.
type camera struct {
	folder, only, light, chromium string
}

// light is one way of looking at a page.
type light struct {
	lang, scheme string
	width, high  int64
}

// String names a light in the names of pictures.
func (l light) String() string { return fmt.Sprintf("%s.%s.%d", l.lang, l.scheme, l.width) }

// lights are the ways in which every page is looked at.
var lights = []light{
	{"zh", "light", 1024, 600}, {"en", "light", 1024, 600}, {"zh", "dark", 1024, 600}, {"zh", "light", 1920, 1080}, {"en", "light", 1920, 1080},
}

const shotWait = 30 * time.Second

func (c camera) take(ctx context.Context, pages []page) error {
	if err := os.MkdirAll(c.folder, 0o755); err != nil {
		return fmt.Errorf("make the folder of pictures: %w", err)
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
	for _, p := range pages {
		if !strings.Contains(p.name, c.only) {
			continue
		}
		for _, l := range lights {
			if !strings.Contains(l.String(), c.light) {
				continue
			}
			if err := c.shoot(ctx, p, l); err != nil {
				return fmt.Errorf("picture of %s: %w", p.name, err)
			}
		}
	}
	return nil
}

// signed are the pages at which the browser has signed in: once is enough.
var signed = map[string]bool{}

// send posts a command from within the page, as the page itself does.
const send = `fetch(%q, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: %q}).then(r => r.status)`

func (c camera) shoot(ctx context.Context, p page, l light) error {
	ctx, cancel := context.WithTimeout(ctx, shotWait)
	defer cancel()
	theme := chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
		return err
	})
	steps := []chromedp.Action[chromedp.Void]{
		chromedp.EmulateViewport(l.width, l.high), theme, chromedp.Navigate(p.url),
		ignore(chromedp.Evaluate[int](fmt.Sprintf(send, "/language", `{"lang":"`+l.lang+`"}`), chromedp.EvalAwaitPromise)),
	}
	if p.signIn != "" && !signed[p.signIn] {
		signed[p.signIn] = true
		body := fmt.Sprintf(`{"person":"li","pin":%q}`, pin)
		steps = append(steps, ignore(chromedp.Evaluate[int](fmt.Sprintf(send, p.signIn, body), chromedp.EvalAwaitPromise)))
	}
	steps = append(steps, chromedp.Navigate(p.url))
	if p.panel != "" {
		steps = append(steps, ignore(chromedp.Evaluate[string](fmt.Sprintf("document.body.dataset.open = %q", p.panel))))
	}
	steps = append(steps, ignore(chromedp.Evaluate[int](`new Promise(done => setTimeout(done, 300, 0))`, chromedp.EvalAwaitPromise)))
	if err := chromedp.Do(ctx, steps...); err != nil {
		return err
	}
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.folder, fmt.Sprintf("%s.%s.png", p.name, l)), picture, 0o644)
}

// ignore runs an action for its effect.
func ignore[T any](a chromedp.Action[T]) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := a(ctx, t)
		return chromedp.Void{}, err
	}
}
