package golden

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/words"
)

// provisional is the first id of members whom a till enrolled; a scenario calls them
// N1, N2 and so on.
const provisional member.ID = 1 << 63

func named(id member.ID) string {
	if id >= provisional {
		return fmt.Sprintf("N%d", id-provisional)
	}
	return id.String()
}

func whoIs(text string) (member.ID, error) {
	id, err := member.ParseID(strings.Replace(text, "N", "M", 1))
	if strings.HasPrefix(text, "N") {
		id |= provisional
	}
	return id, err
}

func sortRights[T any](list []T, key func(T) string) {
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}

// statement is an entry of HQ's in a sentence; "" for what is of no interest here.
func (h *headquarters) statement(tx book.Tx, at lot.Origin, body office.Body) string {
	switch b := body.(type) {
	case *office.Refer:
		return fmt.Sprintf("推荐奖励，第 %d 笔销售 referral, for sale %d: %s", h.numbered(b.Sale), h.numbered(b.Sale), lots(b.Moves(at).Lots))
	case *office.Heard:
		text := "“" + b.Words + "”"
		if b.What == office.OfSurvey {
			text = choices(b.Choices)
		}
		return fmt.Sprintf("收到 heard of %s: %s %s %s", named(b.Owner), b.What, b.Subject, text)
	case *office.Approve:
		return fmt.Sprintf("%s 审核通过 approved: %s", b.Actor, b.Reason)
	case *office.SettleClaim:
		if !b.Granted {
			return fmt.Sprintf("不发 refused to %s: %s", named(b.Owner), reasonOf(b.Reason))
		}
		return fmt.Sprintf("发放 granted: %s%s", lots(b.Moves(at).Lots), quotas(tx, b.Quota))
	case *office.Incident:
		var parts []string
		for _, l := range b.Lots {
			known, err := tx.Lot(l.Lot)
			if err != nil {
				return err.Error()
			}
			parts = append(parts, fmt.Sprintf("%s 的 %s 延到 lasts until %s (原 was %s)", named(known.Owner), known.Asset, l.Until, known.Expires))
		}
		return fmt.Sprintf("%s 事件 incident %s, %s … %s: %s", b.Actor, b.ID, b.First, b.Last, strings.Join(parts, "; "))
	case *office.MakeGood:
		return fmt.Sprintf("%s 补偿 makes good %s, 凭证 evidence %d: %s", b.Actor, b.Incident, len(b.Entries), lots(b.Moves(at).Lots))
	case *office.Ruling:
		return fmt.Sprintf("%s 等级 tier: %s", named(b.Member), b.Tier)
	case *office.Grading:
		return fmt.Sprintf("%s 绿色等级 green grade: %s", named(b.Member), b.Rank.Step)
	case *office.Extend:
		return fmt.Sprintf("延期 extended: %s", lots(b.Moves(at).Lots))
	case *office.Expire:
		return fmt.Sprintf("到期 expired of lot %d", b.Lot.Seq)
	}
	return ""
}

func reasonOf(code string) string {
	if !slices.Contains(words.Codes("zh"), code) {
		return code
	}
	return words.In("zh", code) + " / " + words.In("en", code)
}

func choices(list []ledger.Choice) string {
	var parts []string
	for _, c := range list {
		parts = append(parts, fmt.Sprintf("%d: %d", c.Question+1, c.Option+1))
	}
	return strings.Join(parts, ", ")
}

func lots(list []lot.Lot) string {
	var parts []string
	for _, l := range list {
		part := fmt.Sprintf("%s 得 gets %d %s", named(l.Owner), l.Amount, l.Asset)
		if l.Expires != 0 {
			part += " until " + l.Expires.String()
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

func quotas(tx book.Tx, draws []lot.Draw) string {
	var out string
	for _, d := range draws {
		l, err := tx.Lot(d.Lot)
		if err != nil {
			return err.Error()
		}
		out += fmt.Sprintf("; 用掉 uses up %s", l.Asset)
	}
	return out
}

// numbered is the place of a sale in the story, from 1 on.
func (h *headquarters) numbered(of lot.Origin) int { return slices.Index(h.sales, of) + 1 }
