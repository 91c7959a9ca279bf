// The one script of every page: it swaps fragments that the stream brings,
// sends forms, hears keys and scanners, and sounds. It keeps no state of a sale.
const body = document.body
const $ = id => document.getElementById(id)
const all = (what, from = document) => [...from.querySelectorAll(what)]
const typing = el => el && el.matches('input:not([type=radio])')
const seen = el => el.getClientRects().length > 0 && !el.disabled

// What the server says.
let heard = performance.now()
let watch

function connect() {
  if (!body.dataset.stream) return
  const source = new EventSource(body.dataset.stream)
  const lost = () => { source.close(); clearInterval(watch); away(true); setTimeout(probe, 1000) }
  const alive = () => { heard = performance.now(); away(false) }
  source.addEventListener('swap', e => { alive(); JSON.parse(e.data).forEach(swap) })
  source.addEventListener('beat', alive)
  source.addEventListener('leave', () => location.reload())
  source.onerror = lost
  watch = setInterval(() => { if (performance.now() - heard > 40000) lost() }, 5000)
}

// probe finds out whether the server is back, and whether we are still known.
async function probe() {
  try {
    const r = await fetch('/session')
    if (r.status === 401) return location.reload()
    heard = performance.now()
    connect()
  } catch { setTimeout(probe, 1000) }
}

const away = is => { body.classList.toggle('away', is); $('away').hidden = !is }

// swap puts a fragment in the place of the one with its id; what is being
// typed, the focus and how far a list is scrolled stay.
function swap({ id, html }) {
  const old = $(id)
  if (!old) return
  const t = document.createElement('template')
  t.innerHTML = html
  const fresh = t.content.firstElementChild
  const focus = old.contains(document.activeElement) ? document.activeElement : null
  const kept = all('[data-keep]', old).map(el => [el.id, 'value', el.value])
  const scrolled = all('[data-scroll]', old).map(el => [el.id, 'scrollTop', el.scrollTop])
  old.replaceWith(fresh)
  for (const [name, what, value] of [...kept, ...scrolled]) if ($(name)) $(name)[what] = value
  if (focus && focus.id && $(focus.id)) {
    $(focus.id).focus({ preventScroll: true })
    if (typing(focus)) $(focus.id).setSelectionRange(focus.selectionStart, focus.selectionEnd)
  }
  settle(fresh)
}

// settle does what a fresh part of the page asks for.
function settle(part) {
  for (const el of all('[data-newest]', part)) el.scrollIntoView({ block: 'nearest' })
  const told = part.matches('[data-tone]') ? part : part.querySelector('[data-tone]')
  if (!told) return
  if (body.dataset.told !== undefined && body.dataset.told !== told.dataset.n) tone(told.dataset.tone)
  body.dataset.told = told.dataset.n
}

// What the page says. A refusal (422) comes back as a message over the stream.
async function post(url, fields, then) {
  try {
    const r = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fields) })
    if (r.ok) {
      notice('')
      delete body.dataset.open
      if (then === 'reload') location.reload()
      return true
    }
    if (r.status === 401 && body.dataset.stream) return location.reload()
    const { sentence } = await r.json()
    if (r.status !== 422) { notice(sentence); tone('refused') }
  } catch { notice(body.dataset.offline) }
  return false
}

function notice(text) {
  $('notice').textContent = text
  $('notice').hidden = !text
}

addEventListener('submit', async e => {
  e.preventDefault()
  const form = e.target
  if (form.dataset.busy) return
  form.dataset.busy = '1'
  const done = await post(form.getAttribute('action'), Object.fromEntries(new FormData(form)), form.dataset.then)
  delete form.dataset.busy
  for (const el of all('input', form)) if (typing(el) && el.type !== 'hidden' && (done || el.type === 'password')) el.value = ''
})

addEventListener('click', async e => {
  const el = e.target.closest('button')
  if (!el) return
  if (e.detail > 0) el.blur() // touched: a scanner's Enter must not find it in focus
  const { panel, focus, digit, into, post: url, busy } = el.dataset
  if (panel && body.dataset.open === panel) delete body.dataset.open
  else if (panel) body.dataset.open = panel
  if (focus) $(focus).select()
  if (digit) $(into).value = digit === 'back' ? $(into).value.slice(0, -1) : $(into).value + digit
  if (!url || busy) return
  el.dataset.busy = '1'
  await post(url, JSON.parse(el.dataset.body || '{}'), el.dataset.then)
  delete el.dataset.busy
})

// A scanner that acts as a keyboard types faster than a person and ends with
// Enter. What it types is a scan wherever the focus is, and its Enter never
// presses a button.
let burst = ''
let before = null // the field in focus when the burst began, and what was in it
let last = -1e9
let stolen = false // whether the key that is down is the scanner's

addEventListener('keydown', e => {
  stolen = false
  const gap = e.timeStamp - last
  const fast = gap < Number(body.dataset.burst || 35)
  if (e.key === 'Enter') return enter(e, gap, fast)
  if (e.key.length > 1 || e.ctrlKey || e.altKey || e.metaKey) return shortcut(e)
  last = e.timeStamp
  if (!body.dataset.scan) return
  if (!fast) {
    burst = e.key
    const el = document.activeElement
    before = typing(el) ? [el, el.value] : null
    return
  }
  if (burst.length === 1 && before) before[0].value = before[1]
  burst += e.key
  steal(e)
}, true)

function steal(e) {
  stolen = true
  e.preventDefault()
  e.stopPropagation()
}

function enter(e, gap, fast) {
  const scan = fast && burst.length > 2 && body.dataset.scan
  if (scan || (gap < 500 && !typing(document.activeElement))) steal(e)
  if (scan) post(body.dataset.scan, { code: burst })
  burst = ''
}

// Some browsers press a button, or write, on the event that follows.
for (const kind of ['keypress', 'keyup']) addEventListener(kind, e => { if (stolen) steal(e) }, true)

function shortcut(e) {
  if (e.key === 'Escape') { delete body.dataset.open; document.activeElement.blur(); return notice('') }
  const key = (e.shiftKey ? 'Shift+' : '') + e.key
  const el = all(`[data-key="${CSS.escape(key)}"]`).find(seen)
  if (el) { e.preventDefault(); if (!e.repeat) el.click() } else if (!typing(document.activeElement)) row(e)
}

// row moves among the rows of a list and presses the keys of the one in focus.
function row(e) {
  const rows = all((body.dataset.open ? '.panel ' : '') + '[data-row]').filter(seen)
  const at = rows.indexOf(document.activeElement)
  const step = { ArrowUp: -1, ArrowDown: 1 }[e.key]
  if (step && rows.length) {
    e.preventDefault()
    rows[at < 0 ? (step < 0 ? rows.length - 1 : 0) : Math.max(0, Math.min(rows.length - 1, at + step))].focus()
  } else if (at >= 0 && !step) {
    all(`[data-rowkey="${CSS.escape(e.key)}"]`, rows[at]).filter(seen).forEach(el => { e.preventDefault(); el.click() })
  }
}

// Sounds, and how old what is shown is.
let audio
const tones = { ok: [[880, 0, 0.09]], attention: [[660, 0, 0.1], [660, 0.16, 0.1]], refused: [[220, 0, 0.18], [165, 0.2, 0.28]] }

function tone(name) {
  body.dataset.sounded = name
  audio ??= new AudioContext()
  for (const [pitch, at, long] of tones[name] || []) {
    const [sound, loud] = [audio.createOscillator(), audio.createGain()]
    loud.gain.value = 0.15
    sound.frequency.value = pitch
    sound.connect(loud).connect(audio.destination)
    sound.start(audio.currentTime + at)
    sound.stop(audio.currentTime + at + long)
  }
}

setInterval(() => all('[data-age]').forEach(el => {
  const seconds = Math.round((performance.now() - heard) / 1000)
  el.textContent = el.dataset.age.replace('{1}', seconds)
  el.classList.toggle('stale', seconds > 5 || body.classList.contains('away'))
}), 1000)

settle(body)
connect()
