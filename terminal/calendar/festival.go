package calendar

import (
	"slices"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// The first and the last year whose festivals are known. A window by festival
// is closed in any other year.
const (
	FestivalsFrom = 2020
	FestivalsTo   = 2050
)

// Festival is one of the festivals that move in the calendar of the sun.
type Festival string

// festivals are the days of each, as MMDD from 2020 on, a space between years;
// the eighth of the twelfth month may fall twice into a year, or not at all.
// testdata/festivals.mjs finds them, and says by which sources.
var festivals = map[Festival]string{
	"spring": "0125 0212 0201 0122 0210 0129 0217 0206 0126 0213 0203 0123 0211 0131 0219 0208 0128 0215 " +
		"0204 0124 0212 0201 0122 0210 0130 0217 0206 0126 0214 0202 0123",
	"lantern": "0208 0226 0215 0205 0224 0212 0303 0220 0209 0227 0217 0206 0225 0214 0305 0222 0211 0301 " +
		"0218 0207 0226 0215 0205 0224 0213 0303 0220 0209 0228 0216 0206",
	"qingming": "0404 0404 0405 0405 0404 0404 0405 0405 0404 0404 0405 0405 0404 0404 0405 0405 0404 0404 " +
		"0405 0405 0404 0404 0404 0405 0404 0404 0404 0405 0404 0404 0404",
	"dragon-boat": "0625 0614 0603 0622 0610 0531 0619 0609 0528 0616 0605 0624 0612 0601 0620 0610 0530 0618 " +
		"0607 0527 0614 0603 0622 0611 0531 0619 0608 0529 0615 0604 0623",
	"qixi": "0825 0814 0804 0822 0810 0829 0819 0808 0826 0816 0805 0824 0812 0801 0820 0810 0828 0817 " +
		"0807 0826 0814 0803 0822 0811 0731 0819 0808 0827 0816 0805 0823",
	"mid-autumn": "1001 0921 0910 0929 0917 1006 0925 0915 1003 0922 0912 1001 0919 0908 0927 0916 1004 0924 " +
		"0913 1002 0920 0910 0928 0917 1005 0925 0915 1004 0922 0911 0930",
	"double-ninth": "1025 1014 1004 1023 1011 1029 1018 1008 1026 1016 1005 1024 1012 1001 1020 1009 1027 1017 " +
		"1007 1026 1014 1003 1022 1011 1029 1018 1008 1027 1016 1005 1024",
	"laba": "0102 0120 0110+1230 - 0118 0107 0126 0115 0104 0122 0111 0101 0120 0108 0127 0116 0105 " +
		"0123 0112 0102 0121 0110+1230 - 0118 0107 0125 0114 0103 0122 0111 0101",
	"new-year-eve": "0124 0211 0131 0121 0209 0128 0216 0205 0125 0212 0202 0122 0210 0130 0218 0207 0127 0214 " +
		"0203 0123 0211 0131 0121 0209 0129 0216 0205 0125 0213 0201 0122",
}

// festivalNames are the words for them.
var festivalNames = map[Festival]document.Text{
	"spring":       {ZH: "春节", EN: "Spring Festival"},
	"lantern":      {ZH: "元宵节", EN: "Lantern Festival"},
	"qingming":     {ZH: "清明节", EN: "Qingming"},
	"dragon-boat":  {ZH: "端午节", EN: "Dragon Boat Festival"},
	"qixi":         {ZH: "七夕", EN: "Qixi"},
	"mid-autumn":   {ZH: "中秋节", EN: "Mid-Autumn Festival"},
	"double-ninth": {ZH: "重阳节", EN: "Double Ninth"},
	"laba":         {ZH: "腊八节", EN: "Laba"},
	"new-year-eve": {ZH: "除夕", EN: "New Year's Eve"},
}

// Festivals lists the names that windows know, in order.
func Festivals() []string {
	var names []string
	for f := range festivals {
		names = append(names, string(f))
	}
	slices.Sort(names)
	return names
}

// Name is the festival's name.
func (f Festival) Name() document.Text { return festivalNames[f] }

// days are the days of every festival, worked out once.
var days = func() map[Festival][]lot.Day {
	all := map[Festival][]lot.Day{}
	for f, text := range festivals {
		for i, year := range strings.Fields(text) {
			for _, at := range strings.Split(strings.Trim(year, "-"), "+") {
				if at != "" {
					on := time.Date(FestivalsFrom+i, time.Month(number(at[:2])), number(at[2:]), 0, 0, 0, 0, time.UTC)
					all[f] = append(all[f], lot.DayOf(on))
				}
			}
		}
	}
	return all
}()

func number(s string) int { return 10*int(s[0]-'0') + int(s[1]-'0') }

// Days are the festival's days, in order of time.
func (f Festival) Days() []lot.Day { return days[f] }
