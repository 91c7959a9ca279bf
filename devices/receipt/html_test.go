package receipt_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/receipt"
)

func TestHTMLSaysTheSame(t *testing.T) {
	d := receipt.New("小票")
	d.Centre("红米 & 好物", receipt.Bold, receipt.Large)
	d.Rule()
	d.Drawer()
	d.Pair("<b>大米</b>", "¥59.90", receipt.Bold)
	d.Right("一\n二")
	d.Feed(2)
	d.Picture(&receipt.Bitmap{Width: 3, Bits: []byte{0xA0, 0xE0}})
	d.Cut()
	want := `<article class="paper">
<p class="paper-text paper-centre paper-bold paper-large">红米 &amp; 好物</p>
<hr class="paper-rule">
<p class="paper-pair paper-bold"><span>&lt;b&gt;大米&lt;/b&gt;</span> <span>￥59.90</span></p>
<p class="paper-text paper-right">一<br>二</p>
<br>
<br>
<figure class="paper-picture"><svg viewBox="0 0 3 2" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h3v2H0z"/><path fill="#000" d="M0 0h1v1h-1zM2 0h1v1h-1zM0 1h3v1h-3z"/></svg></figure>
<hr class="paper-cut">
</article>
`
	if diff := cmp.Diff(want, receipt.HTML(*d)); diff != "" {
		t.Errorf("HTML: -want +got\n%s", diff)
	}
}

func TestHTMLDrawsTheCode(t *testing.T) {
	d := receipt.New("券")
	d.QR("JF1.V.ABC", "券码")
	got := receipt.HTML(*d)
	if !strings.Contains(got, `viewBox="0 0 29 29"`) || !strings.Contains(got, "<figcaption>券码</figcaption>") {
		t.Errorf("HTML = %s, want a drawing of 29 modules and its caption", got)
	}
	bad := receipt.Document{Title: "a<b", Lines: []receipt.Line{{Kind: 99}}}
	if got := receipt.HTML(bad); !strings.Contains(got, "a&lt;b") {
		t.Errorf("HTML of a document that is not valid = %s, want its title", got)
	}
}

func TestAgainLeavesTheDrawerShut(t *testing.T) {
	d := receipt.New("小票")
	d.Drawer()
	d.Text("A")
	d.QR("X", "")
	again := d.Again("补打 第1次")
	if got, want := receipt.PlainText(*again, 32), "           补打 第1次\nA\n[QR] X\n"; got != want {
		t.Errorf("Again says %q, want %q", got, want)
	}
	for _, line := range again.Lines {
		if line.Kind == receipt.KindDrawer {
			t.Error("Again opens the drawer")
		}
	}
	if diff := cmp.Diff([]string{"X"}, d.Codes()); diff != "" {
		t.Errorf("Codes: -want +got\n%s", diff)
	}
}
