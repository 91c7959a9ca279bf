package paper_test

import "github.com/jifen-pos/jifen/devices/receipt"

// sampleReceipt is a receipt as a shop prints it.
func sampleReceipt() receipt.Document {
	d := receipt.New("小票")
	d.Centre("红米好物", receipt.Bold, receipt.Large)
	d.Centre("中山路店 · 收银台 2")
	d.Feed(1)
	d.Pair("单号 A-000123", "2026-11-22 10:16")
	d.Pair("会员 张**", "金卡")
	d.Rule()
	d.Pair("五常稻花香大米 5kg", "￥59.90")
	d.Pair("Organic Whole Milk 有机纯牛奶 250ml×12 家庭装", "¥128.00")
	d.Pair("  2 × ￥6.50  鲜鸡蛋", "￥13.00")
	d.Rule()
	d.Pair("合计", "￥200.90", receipt.Bold, receipt.Large)
	d.Pair("积分抵扣 (1,000 分)", "-￥10.00")
	d.Pair("实付 微信", "￥190.90", receipt.Bold)
	d.Rule()
	d.Pair("本次得分", "+190")
	d.Pair("可用积分", "2,345")
	d.Text("其中 300 分将于 2026-12-31 到期。明细请扫下面的码，或到店内任何一台收银机查询。")
	d.Feed(1)
	d.QR("https://jifen.example/r/7F3K-9QPD-22XA-M4", "扫码看明细")
	d.Feed(1)
	d.Centre("谢谢光临，欢迎再来")
	return *d
}

// sampleVoucher is a voucher with a signed code of real length.
func sampleVoucher() receipt.Document {
	d := receipt.New("礼品券")
	d.Centre("礼品券", receipt.Bold, receipt.Large)
	d.Centre("红米好物 · 中山路店")
	d.Rule()
	d.Centre("春节礼盒一份", receipt.Bold, receipt.Large)
	d.Centre("价值 500 积分")
	d.Feed(1)
	d.QR("JF1:8QZ2M0W7RXT4K1B9C3V6N5D8F2G7H4J1L0P3S6T9U2Y5A8E1I4O7Q0W3R6X9Z2K5M8B1C4V7N0D3F6G9H2J5L8P1S4T7U0Y3A6E9", "收银员扫码兑换")
	d.Feed(1)
	d.Pair("券号", "V-0098-7741")
	d.Pair("有效期至", "2027-02-28")
	d.Text("每张券只能兑换一次，不找零，不兑现金。")
	d.Cut()
	d.Centre("店内存根", receipt.Bold)
	d.Pair("券号", "V-0098-7741")
	return *d
}
