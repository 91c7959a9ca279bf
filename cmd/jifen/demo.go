package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	demodata "github.com/jifen-pos/jifen/config/demo"
)

// Where the demonstration keeps its data.
const (
	demoFolder = "jifen-demo"
	demoTill   = demoFolder + "/till"
	demoHQ     = demoFolder + "/hq"
	demoPIN    = "246810"
)

// How long the daemons may take to start and to stop.
const (
	demoStart = 20 * time.Second
	demoStop  = 10 * time.Second
)

// demo writes settings and documents where there are none, starts both
// daemons, says where they are, and stops them with Ctrl-C.
func demo(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("demo", flag.ContinueOnError)
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	if err := layOut(demoFolder); err != nil {
		return fmt.Errorf("lay out %s: %w", demoFolder, err)
	}
	// A child gets its signal when the thread that started it ends, too.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()

	hq, err := start("jifenhq")
	if err != nil {
		return err
	}
	defer hq.end()
	hqAddr, err := hq.ready(ctx)
	if err != nil {
		return err
	}
	if err := enrolDemo(ctx); err != nil {
		return fmt.Errorf("enrol the till: %w", err)
	}
	till, err := start("jifend")
	if err != nil {
		return err
	}
	defer till.end()
	tillAddr, err := till.ready(ctx)
	if err != nil {
		return err
	}
	welcome(out, tillAddr, hqAddr)
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "\n正在停止 stopping …")
		return nil
	case err := <-till.ended:
		return till.said("jifend ended by itself", err)
	case err := <-hq.ended:
		return hq.said("jifenhq ended by itself", err)
	}
}

func welcome(out io.Writer, till, hq string) {
	fmt.Fprintf(out, `
  红米好物绿色消费积分 · Jifen 积分演示 demonstration

  收银屏 cashier screen   %s
  总部   HQ dashboard     %s
  员工   person c1 · PIN %s   (两处相同 the same at both)

  试扫 codes to scan, in another terminal:
    ./build/jifen scan HM100020974      会员卡 a member's card
    ./build/jifen scan 6900001000112    商品 a product
    ./build/jifen scan 6900001000228    环保商品 an eco-friendly product
    或在收银屏直接输入 or type them on the cashier screen

  数据 data: %s/ (make clean removes it) · Ctrl-C 停止 stops both
`, till, hq, demoPIN, demoFolder)
}

// child is a daemon that the demonstration runs.
type child struct {
	cmd   *exec.Cmd
	lines chan string
	ended chan error
	log   string
}

// start starts a daemon that stands beside this program. Its messages go into
// a file.
func start(name string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the programs: %w", err)
	}
	c := &child{lines: make(chan string, 1), ended: make(chan error, 1), log: filepath.Join(demoFolder, name+".log")}
	c.cmd = exec.Command(filepath.Join(filepath.Dir(self), name), "-config", filepath.Join(demoFolder, name+".toml"))
	// Ctrl-C reaches this program only, which then stops the daemons in order;
	// if this program is killed, they are stopped too.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	log, err := os.OpenFile(c.log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer log.Close()
	c.cmd.Stderr = log
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w (build it with make first)", name, err)
	}
	go func() {
		scanner := bufio.NewScanner(out)
		for scanner.Scan() {
			select {
			case c.lines <- scanner.Text():
			default:
			}
		}
		c.ended <- c.cmd.Wait()
		close(c.ended) // whoever asks again need not wait
	}()
	return c, nil
}

// ready waits for a daemon to say where it serves.
func (c *child) ready(ctx context.Context) (string, error) {
	timer := time.NewTimer(demoStart)
	defer timer.Stop()
	select {
	case line := <-c.lines:
		_, url, _ := strings.Cut(line, " ")
		return url, nil
	case err := <-c.ended:
		return "", c.said("could not start", err)
	case <-timer.C:
		return "", c.said("does not get ready", nil)
	case <-ctx.Done():
		return "", errors.New("stopped while starting")
	}
}

// said gives the last words of a daemon's messages.
func (c *child) said(what string, err error) error {
	raw, _ := os.ReadFile(c.log)
	last := strings.TrimSpace(string(raw))
	if len(last) > 2000 {
		last = "…" + last[len(last)-2000:]
	}
	if err == nil {
		return fmt.Errorf("%s: %s", what, last)
	}
	return fmt.Errorf("%s (%w): %s", what, err, last)
}

// end stops a daemon and waits until it is gone.
func (c *child) end() {
	select {
	case <-c.ended:
		return
	default:
	}
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(demoStop):
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
}

// layOut writes what the demonstration needs and does not have yet.
func layOut(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "jifend.toml")); err == nil {
		return nil // go on with what is there
	}
	documents := filepath.Join(dir, "documents")
	if err := os.MkdirAll(documents, 0o700); err != nil {
		return err
	}
	for name, b := range map[string][]byte{
		"programme.yaml": bytes.Replace(demodata.Programme, []byte("receipt:\n"), []byte("receipt:\n  page: http://127.0.0.1:8490/receipt\n"), 1), "products.csv": demodata.Products, "members.csv": demodata.Members,
	} {
		if err := os.WriteFile(filepath.Join(documents, name), b, 0o600); err != nil {
			return err
		}
	}
	hash, err := assemble.HashPIN(demoPIN, rand.Reader)
	if err != nil {
		return err
	}
	person := fmt.Sprintf("[[people]]\nid = \"c1\"\nname = \"演示员工\"\nrole = \"keeper\"\npin = %[1]q\n[[people]]\nid = \"c2\"\nname = \"演示收银员\"\npin = %[1]q\n", hash)
	docs := "[documents]\nprogramme = \"documents/programme.yaml\"\nproducts = \"documents/products.csv\"\nmembers = \"documents/members.csv\"\n"
	hq := fmt.Sprintf("data = \"hq\"\n\n[broker]\nembedded = true\nlisten = \"127.0.0.1:1883\"\n\n[dashboard]\nlisten = \"127.0.0.1:8490\"\n\n"+
		"[[terminals]]\nid = 1\nname = \"一号收银台\"\nstore = \"S001\"\n\n%s\n%s", person, docs)
	till := fmt.Sprintf("data = \"till\"\n\n[ledger]\nany_file_system = true\n\n[terminal]\nid = 1\nname = \"一号收银台\"\nstore = \"S001\"\nstore_name_zh = \"红米好物一店\"\n"+
		"store_name_en = \"Hongmi Goods No. 1\"\n\n[hq]\nurl = \"ssl://127.0.0.1:1883\"\n\n[cashier]\nlisten = \"127.0.0.1:8480\"\n\n%s\n%s", person, docs)
	if err := os.WriteFile(filepath.Join(dir, "jifenhq.toml"), []byte(hq), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "jifend.toml"), []byte(till), 0o600)
}

// enrolDemo does what an installer does: a code from HQ is handed to the board,
// once.
func enrolDemo(ctx context.Context) error {
	if assemble.Joined(demoTill) {
		return nil
	}
	code, _, err := assemble.Invite(ctx, demoHQ, 1, true)
	if err != nil {
		return err
	}
	_, err = assemble.Join(demoTill, code)
	return err
}
