// Writes the days of the festivals from 2020 to 2050, found in three independent ways: lunar-javascript 1.7.7 (by
// astronomy), chinese-lunar 0.1.4 (by a table of the lunar years), and the Chinese calendar of ICU, as node has it. A day
// that the first gives must be the day of at least one other, else the status is 1; who dissents is told on standard error.
//
// Run on 2026-11-26 with node 20.20.2 and ICU 78.2: no day stands alone. ICU has the new moons of early 2027 and 2030 a
// day off; chinese-lunar has the leap month of 2033 after the seventh month instead of the eleventh. Both are known faults.
//
//	npm install lunar-javascript@1.7.7 chinese-lunar@0.1.4 && node festivals.mjs >festivals.txt
import { createRequire } from "node:module";
const require = createRequire(process.cwd() + "/");
const { Solar } = require("lunar-javascript");
const table = require("chinese-lunar");

const festivals = { "1-1": "spring", "1-15": "lantern", "5-5": "dragon-boat", "7-7": "qixi", "8-15": "mid-autumn", "9-9": "double-ninth", "12-8": "laba" };
const iso = (t) => new Date(t).toISOString().slice(0, 10);
const split = (t) => iso(t).split("-").map(Number);
const icu = new Intl.DateTimeFormat("en-u-ca-chinese", { timeZone: "UTC", month: "numeric", day: "numeric" });

// Each gives the month and day of the lunar calendar on a day; a leap month is another month.
const ways = {
  "lunar-javascript": (t) => { const l = Solar.fromYmd(...split(t)).getLunar(); return l.getMonth() + "-" + l.getDay(); },
  "chinese-lunar": (t) => { const [y, m, d] = split(t), l = table.solarToLunar(new Date(y, m - 1, d)); return (l.leap ? "-" : "") + l.month + "-" + l.day; },
  icu: (t) => { const p = Object.fromEntries(icu.formatToParts(t).map((x) => [x.type, x.value])); return p.month + "-" + p.day; },
};

function on(way, t) {
  const found = [];
  const name = festivals[way(t)];
  if (name) found.push(name);
  if (way(t + 86400e3) === "1-1") found.push("new-year-eve");
  return found;
}

for (let t = Date.UTC(2020, 0, 1); t <= Date.UTC(2050, 11, 31); t += 86400e3) {
  const [first, ...others] = Object.keys(ways).map((name) => ({ name, found: on(ways[name], t) }));
  for (const festival of first.found) {
    const against = others.filter((o) => !o.found.includes(festival)).map((o) => o.name);
    if (against.length) console.error(iso(t), festival, "not by", against.join(" and "));
    if (against.length === others.length) process.exitCode = 1;
    console.log(festival, iso(t));
  }
  // Qingming is a term of the sun: the almanac's rule of thumb for this century is the second way.
  const [y, m, d] = split(t), c = y % 100;
  const thumb = m === 4 && d === Math.floor(c * 0.2422 + 4.81) - Math.floor(c / 4);
  if ((Solar.fromYmd(y, m, d).getLunar().getJieQi() === "清明") !== thumb) { console.error(iso(t), "qingming?"); process.exitCode = 1; }
  if (thumb) console.log("qingming", iso(t));
}
