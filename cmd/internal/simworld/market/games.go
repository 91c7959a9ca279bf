package market

import "strings"

// withGames adds to rules what is limited: a benefit of which there are few, a merchant
// who funds no more than it said, a wheel for points and a card for a large bill, with
// batches so small that they are soon played.
func withGames(text string) string {
	text = strings.Replace(text, "benefits:\n", "benefits:\n"+limited, 1)
	text = strings.Replace(text, merchant, strings.TrimSuffix(merchant, "}")+", ceiling_fen: 3000, strict: true}", 1)
	return text + games
}

// What each member can have so often: a benefit of which there are few, in a month, and a
// game, in a day.
const (
	Small = "small-series"
	Wheel = "wheel"
	Often = 2
)

// merchant is as the demonstration has it.
const merchant = "name: {zh: 清和茶庄, en: Qinghe Tea House}, unit_cost: 1000}"

const limited = `  - id: ` + Small + `
    name: {zh: 限量茶杯, en: Cup of a small series}
    cost: {asset: points:consumption, points: 30}
    valid_days: 20
    merchant: m1
    worth_fen: 40
    limited: true
    per_member_month: 2
    terms: {zh: 限量, en: Few}
`

const games = `
games:
  - id: ` + Wheel + `
    name: {zh: 转盘, en: Wheel}
    kind: wheel
    window: {from: 2026-03-01}
    stake: {asset: points:consumption, points: 5}
    per_day: 2
    batch: 20
    funder: m1
    prizes:
      - {id: cup, name: {zh: 茶杯, en: Cup}, weight: 100000, worth_fen: 40, benefit: tea-set, instead: ten, in_all: 30}
      - {id: coupon, name: {zh: 券, en: Coupon}, weight: 200000, worth_fen: 500, coupon: five-per-cent}
      - {id: ten, name: {zh: 10 积分, en: 10 points}, weight: 300000, worth_fen: 10, asset: points:consumption, points: 10}
      - {id: none, name: {zh: 未中奖, en: No prize}, weight: 400000, nothing: true}
  - id: card
    name: {zh: 刮刮卡, en: Scratch card}
    kind: scratch
    window: {from: 2026-03-01}
    from_fen: 3000
    batch: 10
    funder: m1
    prizes:
      - {id: bag, name: {zh: 购物袋, en: Bag}, weight: 300000, worth_fen: 990, benefit: eco-bag}
      - {id: points, name: {zh: 8 积分, en: 8 points}, weight: 400000, worth_fen: 8, asset: points:consumption, points: 8}
      - {id: none, name: {zh: 未中奖, en: No prize}, weight: 300000, nothing: true}
`
