package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// The parts about sales and what comes back of them.

func quote(s *suite) {
	q := s.price(order("", s.o.Goods, s.o.Other))
	if len(q.list("lines")) != 2 || q.number("total_fen") <= 0 || q.number("to_pay_fen") != q.number("total_fen")-q.number("coupons_fen")-fenOf(q, "deduction")-q.number("rounding_fen") {
		s.wrong("quote: %v; want two lines, and what is to pay to be what they come to", q)
	}
	if b := s.want(http.StatusOK, "GET", s.lane("basket"), nil); len(b.list("lines")) != 0 {
		s.wrong("the basket after a quote: %v; want it empty", b)
	}
}

// inUse reports whether somebody else's goods or member are at the lane.
func (s *suite) inUse() bool {
	a := s.send("GET", s.lane("basket"), nil, nil)
	return len(a.list("lines")) > 0 || a.body["member"] != nil
}

// fenOf is the money of a deduction.
func fenOf(a answer, name string) int64 {
	o, _ := a.body[name].(object)
	n, _ := o["fen"].(json.Number)
	v, _ := n.Int64()
	return v
}

// once does an action twice under one reference.
func (s *suite) once(path string, body object) answer {
	first := s.want(http.StatusOK, "POST", s.lane(path), body)
	again := s.want(http.StatusOK, "POST", s.lane(path), body)
	if first.body["again"] != false || again.body["again"] != true || first.text("entry") != again.text("entry") || first.number("paid_fen") != again.number("paid_fen") {
		s.wrong("POST %s twice: %v, then %v; want one entry and the same answer", path, first, again)
	}
	return first
}

// sellOne makes a sale without more ado.
func (s *suite) sellOne(o object) (body object, done answer) {
	q := s.price(o)
	body = s.sale(o, q.number("to_pay_fen"))
	return body, s.want(http.StatusOK, "POST", s.lane("sales"), body)
}

func sell(s *suite) {
	o := order("", s.o.Goods, s.o.Other)
	q := s.price(o)
	s.sold = s.sale(o, q.number("to_pay_fen")+1000)
	a := s.once("sales", s.sold)
	if a.text("kind") != "sale" || a.number("paid_fen") != q.number("to_pay_fen") || a.number("change_fen") != 1000 || a.number("receipt") == 0 || a.text("ref") != s.sold["ref"] {
		s.wrong("sale: %v; want what was quoted, 10.00 of change, and a receipt", a)
	}
}

func conflict(s *suite) {
	if s.sold == nil {
		panic(left("nothing was sold"))
	}
	other := object{"ref": s.sold["ref"], "order": order("", s.o.Goods), "tenders": s.sold["tenders"]}
	s.refused(http.StatusConflict, "reference-used", "POST", s.lane("sales"), other)
	s.refused(http.StatusConflict, "reference-used", "POST", s.lane("returns"), object{
		"ref": s.sold["ref"], "sale": s.want(http.StatusOK, "GET", "/outcomes/"+fmt.Sprint(s.sold["ref"]), nil).text("entry"),
		"quantities": []int{1, 0}, "tender": "cash",
	})
	if again := s.want(http.StatusOK, "POST", s.lane("sales"), s.sold); again.body["again"] != true {
		s.wrong("the first content again after a conflict: %v; want the first answer", again)
	}
}

func outcome(s *suite) {
	if s.sold == nil {
		panic(left("nothing was sold"))
	}
	first := s.want(http.StatusOK, "POST", s.lane("sales"), s.sold)
	found := s.want(http.StatusOK, "GET", "/outcomes/"+fmt.Sprint(s.sold["ref"]), nil)
	if found.text("entry") != first.text("entry") || found.number("change_fen") != first.number("change_fen") {
		s.wrong("outcome: %v; want %v", found, first)
	}
	s.refused(http.StatusNotFound, "reference-unknown", "GET", "/outcomes/"+s.ref(), nil)
}

func refusals(s *suite) {
	sales, quotes := s.lane("sales"), s.lane("quotes")
	q := s.price(order("", s.o.Goods))
	s.refused(http.StatusUnprocessableEntity, "paid-too-little", "POST", sales, s.sale(order("", s.o.Goods), q.number("to_pay_fen")-1))
	s.refused(http.StatusUnprocessableEntity, "empty-basket", "POST", sales, s.sale(order(""), 100))
	s.refused(http.StatusUnprocessableEntity, "unknown-product", "POST", quotes, order("", "6900000000007"))
	s.refused(http.StatusUnprocessableEntity, "check-digit", "POST", quotes, order("", "6900000000008"))
	s.refused(http.StatusUnprocessableEntity, "payment-code", "POST", s.lane("members"), object{"code": "134567890123456789"})
	s.refused(http.StatusUnprocessableEntity, "no-member", "POST", quotes, object{"lines": []object{}, "deduct_fen": 100})
}

func hold(s *suite) {
	o := order("", s.o.Goods)
	held := s.want(http.StatusOK, "PUT", s.lane("basket"), s.act(object{"order": o}))
	if len(held.list("lines")) != 1 {
		s.wrong("hold: %v; want the order in the basket", held)
	}
	if b := s.want(http.StatusOK, "GET", s.lane("basket"), nil); b.number("total_fen") != held.number("total_fen") {
		s.wrong("the basket: %v; want what was put into it", b)
	}
	s.want(http.StatusNoContent, "DELETE", s.lane("basket"), nil)
	if b := s.want(http.StatusOK, "GET", s.lane("basket"), nil); len(b.list("lines")) != 0 {
		s.wrong("the basket after its release: %v; want it empty", b)
	}
}

func scan(s *suite) {
	b := s.want(http.StatusOK, "POST", s.lane("scans"), object{"code": s.o.Goods})
	if len(b.list("lines")) != 1 {
		s.wrong("scan: %v; want the goods in the basket", b)
	}
	s.want(http.StatusNoContent, "DELETE", s.lane("basket"), nil)
	jobs := s.call("GET", "/jobs", nil)
	var list []struct{ ID json.Number }
	if err := json.Unmarshal(jobs.raw, &list); err != nil || len(list) == 0 {
		s.broken("papers: %v (%v); want that of the sale", jobs, err)
	}
	s.refused(http.StatusUnprocessableEntity, "no-job", "POST", s.lane("jobs/999999999/reprints"), object{})
	s.want(http.StatusNoContent, "POST", s.lane("notices"), object{})
}

func giveBack(s *suite) {
	o := order("", s.o.Goods, s.o.Other)
	_, sold := s.sellOne(o)
	alone := s.price(order("", s.o.Other)).number("to_pay_fen")
	back := s.act(object{"sale": sold.text("entry"), "quantities": []int{0, 1}, "tender": "cash"})
	if a := s.once("returns", back); a.number("paid_fen") >= 0 || -a.number("paid_fen") > alone {
		s.wrong("return of one of two: %v; want at most %d back", a, alone)
	}
	back = s.act(object{"sale": sold.text("entry"), "quantities": []int{0, 1}, "tender": "cash"})
	s.refused(http.StatusUnprocessableEntity, "return-too-much", "POST", s.lane("returns"), back)
	s.refused(http.StatusUnprocessableEntity, "return-unknown", "POST", s.lane("returns"),
		s.act(object{"sale": "nonsense", "quantities": []int{1}, "tender": "cash"}))
	s.refused(http.StatusUnprocessableEntity, "return-here", "POST", s.lane("return-claims"),
		s.act(object{"sale": sold.text("entry"), "quantities": []int{1, 0}, "tender": "cash", "refund_fen": 100}))
	rest := s.want(http.StatusOK, "POST", s.lane("returns"), s.act(object{"sale": sold.text("entry"), "quantities": []int{1, 0}, "tender": "cash"}))
	if rest.number("paid_fen") >= 0 {
		s.wrong("return of the rest: %v; want its money back", rest)
	}
}

func void(s *suite) {
	_, sold := s.sellOne(order("", s.o.Goods))
	a := s.once("returns", s.act(object{"sale": sold.text("entry"), "void": true, "tender": "cash"}))
	if a.number("paid_fen") != -sold.number("paid_fen") {
		s.wrong("void: %v; want all of %d back", a, sold.number("paid_fen"))
	}
}

func exchange(s *suite) {
	_, sold := s.sellOne(order("", s.o.Goods))
	out := order("", s.o.Other)
	price := s.price(out).number("to_pay_fen")
	a := s.once("exchanges", s.act(object{
		"sale": sold.text("entry"), "quantities": []int{1}, "tender": "cash", "order": out, "tenders": []object{{"kind": "cash", "fen": price}},
	}))
	if a.number("back_fen") != sold.number("paid_fen") || a.number("paid_fen") != price-sold.number("paid_fen") {
		s.wrong("exchange: %v; want %d back for %d", a, sold.number("paid_fen"), price)
	}
}
