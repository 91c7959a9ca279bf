package main

import _ "embed"

// measure is run on a page and returns what is wrong with it, a line each.
//
//go:embed measure.js
var measure string

// axeRun follows the source of axe-core: its serious findings, a line each.
const axeRun = `; axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}).then(r => r.violations.
filter(f => f.impact === 'serious' || f.impact === 'critical').map(f => f.id + ': ' + f.help + ', at ' + f.nodes.length + ' places such as ' + f.nodes[0].html).join('\n'))`
