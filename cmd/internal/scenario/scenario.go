// Package scenario runs the programs as they are built, end to end: a scanner
// on a pseudo terminal, a printer that keeps its papers, HQ, a broker, and a
// cashier who uses the screen's own commands. Its tests read as facts about a
// day at a store. It never looks into a running program: it sees what a
// cashier, a keeper or HQ sees, and opens the files only when all have ended.
package scenario
