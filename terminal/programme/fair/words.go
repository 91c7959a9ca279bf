package fair

import (
	"maps"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/terminal/programme"
)

// texts looks at every text that people read.
func (l *lint) texts() {
	p := l.p
	l.text("name", p.Name)
	for _, b := range p.Benefits {
		l.text("benefits/"+b.ID+"/name", b.Name)
		l.text("benefits/"+b.ID+"/terms", b.Terms)
	}
	for _, c := range p.Campaigns {
		l.text("campaigns/"+c.ID+"/name", c.Name)
		l.text("campaigns/"+c.ID+"/terms", c.Terms)
	}
	for _, c := range p.Coupons {
		l.text("coupons/"+c.ID+"/name", c.Name)
	}
	for _, g := range p.Games {
		l.text("games/"+g.ID+"/name", g.Name)
		if n := g.Notice; n != nil {
			for i, t := range []programme.Text{n.Method, n.Claim, n.Delivery, n.Forfeit} {
				l.text("games/"+g.ID+"/notice/"+[]string{"method", "claim", "delivery", "forfeit"}[i], t)
			}
		}
	}
	for _, s := range p.Schemes {
		l.text("schemes/"+s.ID+"/name", s.Name)
		l.text("schemes/"+s.ID+"/criteria", s.Criteria)
	}
	l.names()
	l.text("receipt/header", p.Receipt.Header)
	l.text("receipt/footer", p.Receipt.Footer)
	l.text("receipt/points", p.Receipt.Points)
	if p.Terms == nil {
		return
	}
	l.text("terms/conversion", p.Terms.Conversion)
	for _, c := range p.Terms.Clauses {
		l.text("terms/clauses/"+c.ID+"/text", c.Text)
	}
}

// names looks at what is called something, and at what surveys ask.
func (l *lint) names() {
	p := l.p
	for _, t := range p.Tasks {
		l.text("tasks/"+t.ID+"/name", t.Name)
	}
	for _, a := range p.Activities {
		l.text("activities/"+a.ID+"/name", a.Name)
	}
	for _, x := range p.Launches {
		l.text("launches/"+x.ID+"/name", x.Name)
	}
	for _, s := range p.Surveys {
		l.text("surveys/"+s.ID+"/name", s.Name)
		for _, q := range s.Questions {
			l.text("surveys/"+s.ID+"/questions", q.Text)
		}
	}
	for _, g := range p.Games {
		for _, prize := range g.Prizes {
			l.text("games/"+g.ID+"/prizes/"+prize.ID+"/name", prize.Name)
		}
	}
}

func (l *lint) text(clause string, t programme.Text) {
	said := plain(t.ZH) + " " + strings.ToLower(t.EN)
	holds := func(words string) bool { return strings.Contains(said, words) }
	if i := slices.IndexFunc(banned, holds); i >= 0 {
		l.find("banned-words", clause, banned[i])
	}
	if i := slices.IndexFunc(forSale, holds); i >= 0 {
		l.find("points-for-money", clause, forSale[i])
	}
	if i := slices.IndexFunc(praised, holds); i >= 0 {
		l.find("paid-praise", clause, praised[i])
	}
	if i := slices.IndexFunc(taken, holds); i >= 0 {
		l.find("taken-words", clause, taken[i])
	}
}

// plain leaves out what is put between characters so that words are not found.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" 　·・.。-_*,，", r) {
			return -1
		}
		return r
	}, s)
}

// Rules are the ids of all rules, in order.
func Rules() []string { return slices.Sorted(maps.Keys(rules)) }

// rules are what findings say.
var rules = map[string]rule{
	"banned-words": {
		Never, "law L03: 侵害消费者权益行为处罚办法 12",
		programme.Text{ZH: "含有禁用的说法“%s”", EN: "holds the banned words %q"},
		programme.Text{ZH: "删去这句话，写明会员可以怎样退、换、问", EN: "leave it out, and say how members return, exchange and ask"},
	},
	"points-for-money": {
		Never, "law L24, law L26: 消费者权益保护法 53, 非银行支付机构监督管理条例 15",
		programme.Text{ZH: "“%s”：积分不得出售，也不得兑付现金", EN: "%q: points are neither sold nor paid out"},
		programme.Text{ZH: "积分只能由消费和活动获得，只能抵扣和兑换所列权益", EN: "points come from purchases and activities, and pay for what is listed"},
	},
	"short-expiry": {
		Error, "law L01, rule S22: 消费者权益保护法 26",
		programme.Text{ZH: "%s的有效期短于12个月", EN: "%s last less than twelve months"},
		programme.Text{ZH: "有效期至少12个月", EN: "let them last twelve months at least"},
	},
	"no-expiry-notice": {
		Error, "law L01, rule S22: 消费者权益保护法 26",
		programme.Text{ZH: "积分到期前没有提前%d天通知", EN: "points lapse without %d days of notice"},
		programme.Text{ZH: "terms 里写 notice_days: 30 或更多", EN: "write notice_days: 30 or more under terms"},
	},
	"no-return": {
		Never, "law L05, law L06: 消费者权益保护法 24, 26",
		programme.Text{ZH: "权益 %s 兑换后不能退", EN: "benefit %s cannot be given back"},
		programme.Text{ZH: "returns 写 points 或 exchange", EN: "let returns be points or exchange"},
	},
	"no-substitute": {
		Error, "law L05: 消费者权益保护法 26",
		programme.Text{ZH: "权益 %s 缺货时既不替换也不退积分", EN: "benefit %s has neither a substitute nor points back when it is out of stock"},
		programme.Text{ZH: "out_of_stock 写 points，或写 substitute 并列出替代权益", EN: "let out_of_stock be points, or substitute with substitutes listed"},
	},
	"worse-substitute": {
		Error, "law L09, feat F57: 规范促销行为暂行规定 6",
		programme.Text{ZH: "替代权益 %s 的价值低于原权益 %s", EN: "substitute %s is worth less than %s"},
		programme.Text{ZH: "替代权益的价值不能低于原权益", EN: "let a substitute be worth as much at least"},
	},
	"no-notice": {
		Error, "law L10: 规范促销行为暂行规定 13",
		programme.Text{ZH: "抽奖 %s 的公示不全：起止日期、方法、兑奖条件和期限、交付、弃奖、主办方", EN: "the notice of draw %s is not whole: dates, method, claim and its time, delivery, forfeiture, organiser"},
		programme.Text{ZH: "开奖前补齐 window 和 notice", EN: "complete window and notice before it begins"},
	},
	"top-prize": {
		Never, "law L13: 反不正当竞争法 11(4)",
		programme.Text{ZH: "奖项 %s 价值 %v 元，超过5万元", EN: "prize %s is worth ¥%v, above ¥50,000"},
		programme.Text{ZH: "奖项价值不得超过5万元", EN: "no prize may be worth more than ¥50,000"},
	},
	"no-price": {
		Error, "law L13: 规范促销行为暂行规定 17, 18",
		programme.Text{ZH: "奖项 %s 没有市场价值或价格依据", EN: "prize %s has no market price, or no evidence of it"},
		programme.Text{ZH: "写明 worth_fen 和 evidence", EN: "write worth_fen and evidence"},
	},
	"deep-referral": {
		Never, "law L25: 禁止传销条例 7",
		programme.Text{ZH: "推荐奖励有 %d 级，只能有一级", EN: "referral is %d levels deep; one is lawful"},
		programme.Text{ZH: "depth 写 1 或不写", EN: "let depth be 1, or leave it out"},
	},
	"endless-referral": {
		Warning, "law L25: 禁止传销条例 7",
		programme.Text{ZH: "推荐奖励没有每月上限", EN: "referral has no cap a month"},
		programme.Text{ZH: "写 per_month", EN: "write per_month"},
	},
	"early-referral": {
		Warning, "rule S06, feat F12: 消费者权益保护法 24",
		programme.Text{ZH: "首次消费 %d 天后就给推荐奖励，货还能退", EN: "referral rewards a purchase after %d days, while it can still come back"},
		programme.Text{ZH: "settled_after_days 写 7 或更多", EN: "let settled_after_days be 7 or more"},
	},
	"endless-voices": {
		Warning, "cap M6, law L09: 规范促销行为暂行规定 5",
		programme.Text{ZH: "评价或分享每月可得 %d 次，等于没有上限", EN: "members are rewarded for %d a month, which is no cap"},
		programme.Text{ZH: "per_month 写 31 或更少", EN: "let per_month be 31 or less"},
	},
	"short-grace": {
		Error, "law L05, rule S22: 消费者权益保护法 26",
		programme.Text{ZH: "通知未达时的宽限不足 %d 天，或断网补偿不足 %d 天", EN: "grace where no notice arrived is under %d days, or what an outage adds under %d"},
		programme.Text{ZH: "grace_days 至少 30，outage_days 至少 7", EN: "let grace_days be 30 at least, and outage_days 7"},
	},
	"paid-praise": {
		Error, "law L09: 规范促销行为暂行规定 5, 反不正当竞争法 9",
		programme.Text{ZH: "“%s”：只奖励好评，评价就不真实了", EN: "%q: a reward for praise alone makes reviews untrue"},
		programme.Text{ZH: "审核只看真实和得体，好评差评一样奖励", EN: "reward whatever is true and decent, praise or not"},
	},
	"taken-words": {
		Error, "law L02, law L17: 民法典 496, 497, 个人信息保护法 13",
		programme.Text{ZH: "“%s”：会员写的话未经同意不得公开使用", EN: "%q: what members write is not used without their consent"},
		programme.Text{ZH: "要公开使用，逐条征得本人同意，并可撤回", EN: "ask each writer before it is published, and let them take it back"},
	},
	"no-consent": {
		Never, "law L18: 个人信息保护法 28, 31",
		programme.Text{ZH: "使用儿童生日却没有监护人同意", EN: "a child's birthday is used without a guardian's consent"},
		programme.Text{ZH: "写 guardian_consent: true，并在登记时取得同意", EN: "write guardian_consent: true, and ask for it at enrolment"},
	},
	"no-criteria": {
		Error, "law L21: 个人信息保护法 24",
		programme.Text{ZH: "一对一方案 %s 没有公开标准", EN: "scheme %s has no published criteria"},
		programme.Text{ZH: "写明 criteria", EN: "write criteria"},
	},
	"no-terms": {
		Error, "law L01: 消费者权益保护法 26",
		programme.Text{ZH: "没有会员条款", EN: "there are no terms"},
		programme.Text{ZH: "写 terms：主办方、联系方式、条款", EN: "write terms: organiser, contact, clauses"},
	},
	"no-conversion": {
		Error, "law L15: 规范促销行为暂行规定 22",
		programme.Text{ZH: "没有公示积分怎样折抵价款", EN: "how points pay is not shown"},
		programme.Text{ZH: "terms 里写 conversion", EN: "write conversion under terms"},
	},
	"shorter-expiry": {
		Never, "cap F2, law L09: 规范促销行为暂行规定 6",
		programme.Text{ZH: "%s的有效期比上一版短：已得积分按旧条款，新得积分须先公告", EN: "%s last less long than before: what is earned keeps its terms"},
		programme.Text{ZH: "不要缩短，或只对公告之后新发的积分种类适用", EN: "do not shorten it, or begin a new kind of points"},
	},
	"devalued": {
		Never, "cap F2, law L01: 消费者权益保护法 26",
		programme.Text{ZH: "%s比上一版贬值", EN: "%s are worth less than before"},
		programme.Text{ZH: "已发积分的折抵比例只能更好", EN: "what points pay may only get better"},
	},
	"worsened-deduction": {
		Error, "cap F2, law L01: 消费者权益保护法 26",
		programme.Text{ZH: "积分抵扣比上一版少：已得积分能抵的变少了", EN: "points pay less of a bill than before, those already earned too"},
		programme.Text{ZH: "抵扣的比例、上限只能放宽，起点和步长只能降低", EN: "let the share and the most only grow, the least and the step only shrink"},
	},
	"worsened-coupon": {
		Error, "cap F2, law L09: 规范促销行为暂行规定 6",
		programme.Text{ZH: "优惠券 %s 变差或被删去，会员手里可能还有", EN: "coupon %s got worse or is gone, and members may still hold it"},
		programme.Text{ZH: "保留到最后一张到期，新条件另用新编号", EN: "keep it until the last one has lapsed; give new terms a new id"},
	},
	"benefit-gone": {
		Error, "law L05: 消费者权益保护法 26",
		programme.Text{ZH: "权益 %s 被删去，已发的券无处兑付", EN: "benefit %s is gone, and nobody can hand out its vouchers"},
		programme.Text{ZH: "改写 withdrawn 和 substitutes，保留到最后一张券到期", EN: "write withdrawn and substitutes instead, and keep it until its last voucher has lapsed"},
	},
	"worsened-campaign": {
		Never, "law L09, law L12: 规范促销行为暂行规定 6, 反不正当竞争法 11",
		programme.Text{ZH: "进行中的活动 %s 变差或被撤下", EN: "campaign %s, which is running, got worse or is gone"},
		programme.Text{ZH: "进行中的活动只能改得对会员更好，否则等它结束", EN: "make it better only, or wait until it ends"},
	},
	"worsened-draw": {
		Never, "law L12: 反不正当竞争法 11(3)",
		programme.Text{ZH: "进行中的抽奖 %s 改变了奖项或概率", EN: "draw %s, which is running, has other prizes or chances"},
		programme.Text{ZH: "开始后不得改变奖项、数量和概率", EN: "prizes, numbers and chances do not change once it began"},
	},
}
