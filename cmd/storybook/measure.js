// What a person would see wrong with a page: words that are cut off, lie over
// one another or under something, keys that are too small for a finger, and a
// flow that scrolls. It returns a line for each, of what stands in no list that
// scrolls by its nature.
(() => {
  const faults = []
  const say = (what, el, more = '') => faults.push(`${what}: ${(el.id && '#' + el.id) || el.className || el.tagName} "${el.textContent.trim().replace(/\s+/g, ' ').slice(0, 40)}" ${more}`)
  const live = el => el.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !el.closest('[inert]')
  const scrolls = el => el.closest('[data-scroll], [data-mayscroll]')
  const shortened = '.name b, .name small, .who small, .customer .name, .member .name, [data-mayclip]'
  const free = !document.body.matches('.cashier, .customer') // a desk's page may scroll
  const page = document.documentElement
  if (page.scrollWidth > innerWidth) faults.push(`the page is ${page.scrollWidth} wide`)
  if (!free && page.scrollHeight > innerHeight) faults.push(`the page is ${page.scrollHeight} high`)
  for (const el of document.querySelectorAll('.panel')) {
    if (live(el) && el.scrollHeight > el.clientHeight + 1) say('more than there is room for', el)
  }
  for (const el of document.querySelectorAll('[data-scroll]')) {
    if (live(el) && el.scrollWidth > el.clientWidth + 1) say('wider than its place', el, `${el.scrollWidth} of ${el.clientWidth}`)
  }
  for (const el of document.querySelectorAll('button, select, a.key, input:not([type=checkbox],[type=radio],[type=hidden])')) {
    if (!live(el)) continue
    const r = el.getBoundingClientRect()
    if (r.height < 43.5 || r.width < 43.5) say('small', el, `${Math.round(r.width)}×${Math.round(r.height)}`)
    if (!scrolls(el) && !free && (r.bottom > innerHeight || r.right > innerWidth)) say('outside', el)
  }
  // Whoever has no finger on the screen has a key for everything, and reads which.
  const done = 'button[data-digit], button[type=submit]' // a pad stands for the keys themselves, Enter sends a form
  for (const el of document.querySelectorAll('.cashier button')) {
    if (!live(el) || el.matches(done)) continue
    const key = el.dataset.key || el.dataset.rowkey || (el.matches('.shut') && 'Escape')
    const shown = el.querySelector('kbd') || (el.dataset.rowkey && el.closest('.panel, .desk').querySelector('.hint kbd'))
    if (!key || !shown) say(key ? 'key not shown' : 'no key', el)
  }
  // Words: each text with the boxes of its lines.
  const texts = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const el = walk.currentNode.parentElement
    if (!walk.currentNode.data.trim() || !live(el) || el.closest('script, style, svg, option, dialog')) continue
    const range = document.createRange()
    range.selectNodeContents(walk.currentNode)
    const boxes = [...range.getClientRects()].filter(r => r.width > 1 && r.height > 1)
    // The names of goods and of the store end in an ellipsis where they are longer
    // than their place; what is not seen of them lies over nothing.
    if (el.closest(shortened)) {
      texts.push({ el, boxes: [el.closest(shortened).getBoundingClientRect()], data: walk.currentNode.data.trim(), short: true })
      continue
    }
    if (boxes.length) texts.push({ el, boxes, data: walk.currentNode.data.trim() })
  }
  // A box of a line is higher than its glyphs: about a sixth of it at each end is
  // leading, which may be cut and may be covered.
  const glyphs = b => ({ left: b.left, right: b.right, top: b.top + b.height / 6, bottom: b.bottom - b.height / 6 })
  const over = (a, b) => {
    const [p, q] = [a.closest('.panel, .stage'), b.closest('.panel, .stage')]
    return p !== q // a panel covers what is below it
  }
  const cut = (line, el) => {
    const box = glyphs(line)
    for (let on = el; on && on !== document.body; on = on.parentElement) {
      const style = getComputedStyle(on)
      if (/auto|scroll/.test(style.overflowX + style.overflowY) || on.matches('[data-mayclip]')) return null
      if (style.overflowX === 'visible' && style.overflowY === 'visible') continue
      const r = on.getBoundingClientRect()
      if (box.right > r.right + 1 || box.left < r.left - 1) return on
      if (box.bottom > r.bottom + 1 || box.top < r.top - 1) return on
    }
    return null
  }
  for (const t of texts) {
    const by = !t.short && t.boxes.map(b => cut(b, t.el)).find(x => x)
    if (by) say('cut off', t.el, `"${t.data.slice(0, 30)}" by ${by.id ? '#' + by.id : by.className || by.tagName}`)
    const b = t.boxes[0]
    const [x, y] = [b.left + b.width / 2, b.top + b.height / 2]
    if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) {
      if (!free && !scrolls(t.el) && !by) say('outside', t.el)
      continue
    }
    const on = document.elementFromPoint(x, y)?.closest('button, input, .panel, .stage, #notice, #away')
    const field = on?.matches('input') && on.closest('label')
    if (field && field === t.el.closest('label')) continue // it takes the touch for its words
    if (on && !by && !scrolls(t.el) && !on.contains(t.el) && !t.el.contains(on) && !over(on, t.el)) say('covered', t.el, `by ${on.id || on.className || on.tagName}`)
  }
  for (let i = 0; i < texts.length; i++) {
    for (let j = i + 1; j < texts.length; j++) {
      const [a, b] = [texts[i], texts[j]]
      if (a.short && b.short && (a.el.contains(b.el) || b.el.contains(a.el) || a.el.closest(shortened) === b.el.closest(shortened))) continue
      if (a.el.contains(b.el) && a.el !== b.el && a.el.closest('label')) continue
      if (scrolls(a.el) !== scrolls(b.el) || over(a.el, b.el)) continue
      for (const p of a.boxes.map(glyphs)) {
        for (const q of b.boxes.map(glyphs)) {
          const [w, h] = [Math.min(p.right, q.right) - Math.max(p.left, q.left), Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top)]
          if (w > 2 && h > 4) { say('over one another', a.el, `and "${b.data.slice(0, 30)}"`); break }
        }
      }
    }
  }
  return [...new Set(faults)].join('\n')
})()
