//go:build foreign

package scenario_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The description of the running terminal is right in the eyes of a linter that
// is not ours, and a client that another program makes of it runs a sale. The
// folder JIFEN_CLIENT holds sale.ts and the programs; scripts/foreign.sh lays it out.
func TestClientGeneratedFromTheDescriptionRunsASale(t *testing.T) {
	dir := os.Getenv("JIFEN_CLIENT")
	if dir == "" {
		t.Fatal("JIFEN_CLIENT is not set: run scripts/foreign.sh")
	}
	w := newWorld(t)
	api := freeAddress(t)
	w.set.api = fmt.Sprintf("[api]\nlisten = %q\n", api)
	w.set.people += apiPeople
	w.openTill()
	resp, err := http.Get("http://" + api + "/api/v1/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	spec, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "openapi.json"), spec, 0o600); err != nil {
		t.Fatal(err)
	}
	npx := func(args ...string) string {
		t.Helper()
		c := exec.Command(filepath.Join("node_modules", ".bin", args[0]), args[1:]...)
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	npx("redocly", "lint", "openapi.json")
	npx("openapi-ts", "-i", "openapi.json", "-o", "client")
	npx("tsc", "-p", ".")
	token := strings.TrimSpace(string(w.read("till/api.token")))
	if out := npx("tsx", "sale.ts", "http://"+api, token, "k1", pin); !strings.HasPrefix(out, "sold ") {
		t.Errorf("the generated client says %q, want that it sold", out)
	}
	w.sell(rice)
}
