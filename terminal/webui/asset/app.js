// The one script of every page: it swaps fragments that the stream brings,
// sends forms, hears keys and scanners, sounds, and turns a wheel. It keeps no
// state of a sale.
const body = document.body
const $ = id => document.getElementById(id)
const all = (what, from = document) => [...from.querySelectorAll(what)]
const typing = el => el && el.matches('input:not([type=radio],[type=checkbox]), textarea')
const seen = el => el.getClientRects().length > 0 && !el.disabled && !el.closest('[inert]')

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
    const r = await fetch(body.dataset.probe || '/session')
    if (r.status === 401) return location.reload()
    heard = performance.now()
    connect()
  } catch { setTimeout(probe, 1000) }
}

const away = is => { body.classList.toggle('away', is); if ($('away')) $('away').hidden = !is }

// swap puts a fragment in the place of the one with its id; what is being
// typed or ticked, the focus and how far a list is scrolled stay.
function swap({ id, html }) {
  const old = $(id)
  if (!old) return
  const t = document.createElement('template')
  t.innerHTML = html
  const fresh = t.content.firstElementChild
  const focus = old.contains(document.activeElement) ? document.activeElement : null
  const touched = el => el.value !== el.defaultValue || el.checked !== el.defaultChecked
  const kept = all('[data-keep]', old).filter(touched).map(el => [el.id, el.type === 'checkbox' ? 'checked' : 'value', el.type === 'checkbox' ? el.checked : el.value])
  const scrolled = all('[data-scroll]', old).map(el => [el.id, 'scrollTop', el.scrollTop])
  old.replaceWith(fresh)
  cover()
  for (const [name, what, value] of [...kept, ...scrolled]) if ($(name)) $(name)[what] = value
  const first = fresh.matches('.panel.up') && !old.matches('.up') && fresh.querySelector('[data-first]')
  if (focus && focus.id && $(focus.id)) {
    $(focus.id).focus({ preventScroll: true })
    if (typing(focus)) $(focus.id).setSelectionRange(focus.selectionStart, focus.selectionEnd)
  } else if (first) first.focus({ preventScroll: true })
  blame()
  settle(fresh)
}

// settle does what a fresh part of the page asks for.
function settle(part) {
  for (const el of all('[data-newest]', part)) el.scrollIntoView({ block: 'nearest' })
  for (const el of all('[data-rest]', part)) rest(el)
  const turned = part.matches('[data-turn]') ? part : part.querySelector('[data-turn]')
  if (turned) turn(turned)
  else if (part === body || part.matches('.stage')) body.dataset.turned = ''
  cover()
  const told = part.matches('[data-tone]') ? part : part.querySelector('[data-tone]')
  if (!told) return
  if (body.dataset.told !== undefined && body.dataset.told !== told.dataset.n) tone(told.dataset.tone)
  body.dataset.told = told.dataset.n
}

// Panels. One is open at a time; what it covers is out of reach of the keys.
function open(name) {
  if (name && $(name)) body.dataset.open = name
  else delete body.dataset.open
  cover()
  const first = name && $(name) && all('[data-first]', $(name)).find(seen)
  if (first) first.focus({ preventScroll: true })
  else if (document.activeElement) document.activeElement.blur()
}

function cover() {
  if (body.dataset.open !== undefined && !$(body.dataset.open)) delete body.dataset.open // what it was about is gone
  for (const el of all('.panel')) el.classList.toggle('open', el.id === body.dataset.open)
  const covered = body.dataset.open !== undefined || all('.panel.up').length > 0
  for (const el of all('[data-behind]')) el.inert = covered
}

// What the page says. A refusal (422) comes back as a message over the stream.
let waiting // what a second person is to allow

// post sends what was asked for, and closes the panel it was asked in; one that
// was opened since stays. What is wrong with one field is said there, if form has
// it.
async function post(url, fields, then, form) {
  const asked = body.dataset.open
  try {
    const r = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fields) })
    if (r.ok) {
      notice('')
      waiting = undefined
      if (then === 'reload') location.reload()
      else if (then !== 'stay' && body.dataset.open === asked) open()
      return true
    }
    if (r.status === 401 && body.dataset.stream) return location.reload()
    const { code, sentence, field } = await r.json()
    if (form && field && form.elements[field]) {
      wrong = { at: form.id || form.getAttribute('action'), field, sentence }
      blame()
      if (r.status !== 422) tone('refused')
      return false
    }
    if (code === 'needs-step-up' && $('step-up') && !waiting) {
      waiting = { url, fields, then }
      $('step-up-why').textContent = sentence
      open('step-up')
      tone('attention')
    } else if (r.status !== 422) { notice(sentence); tone('refused') }
  } catch { notice(body.dataset.offline) }
  return false
}

// blame says what is wrong with a field beside it, as long as that is so.
let wrong
function blame() {
  for (const el of all('.fault')) el.remove()
  for (const el of all('[aria-invalid]')) el.removeAttribute('aria-invalid')
  const form = wrong && all('form').find(f => (f.id || f.getAttribute('action')) === wrong.at)
  const el = form && form.elements[wrong.field]
  if (!el || !el.matches) return
  const said = document.createElement('span')
  Object.assign(said, { className: 'fault', id: 'fault', textContent: '✕ ' + wrong.sentence })
  said.setAttribute('role', 'alert')
  el.setAttribute('aria-invalid', 'true')
  el.setAttribute('aria-describedby', 'fault')
  ;(el.closest('label') || el).after(said)
}

addEventListener('input', e => { if (wrong && e.target.matches('[aria-invalid]')) { wrong = undefined; blame() } })

function notice(text) {
  $('notice').textContent = text
  $('notice').hidden = !text
}

addEventListener('submit', async e => {
  e.preventDefault()
  const form = e.target
  if (form.dataset.busy) return
  form.dataset.busy = '1'
  const fields = Object.fromEntries(new FormData(form))
  wrong = undefined
  blame()
  const asked = form.id === 'step-up-form' && waiting
  const done = asked
    ? await post(asked.url, { ...asked.fields, ...fields }, asked.then, form)
    : await post(form.getAttribute('action'), fields, form.dataset.then, form)
  delete form.dataset.busy
  for (const was of all('input', form)) {
    const el = (was.id && $(was.id)) || was // the stream may have put another in its place
    if (typing(el) && el.type !== 'hidden' && (done || el.type === 'password')) el.value = ''
    if (done && el.type === 'checkbox') el.checked = false
  }
  const now = document.activeElement
  if (done && now.form && now.form.getAttribute('action') === form.getAttribute('action')) now.blur()
})

addEventListener('click', async e => {
  const el = e.target.closest('button')
  if (!el) return
  if (e.detail > 0) el.blur() // touched: a scanner's Enter must not find it in focus
  const { panel, focus, digit, into, fill, post: url, busy } = el.dataset
  if (panel !== undefined) open(body.dataset.open === panel ? '' : panel)
  if (focus) $(focus).select()
  if (digit) press(into ? $(into) : padded(el), digit)
  if (fill) { $(fill).value = $(fill).dataset.fill; $(fill).dispatchEvent(new Event('input', { bubbles: true })) }
  if (el.dataset.into && el.dataset.value) { $(into).value = el.dataset.value; $(into).dispatchEvent(new Event('input', { bubbles: true })) }
  if (!url || busy) return
  el.dataset.busy = '1'
  await post(url, JSON.parse(el.dataset.body || '{}'), el.dataset.then)
  delete el.dataset.busy
})

// padded is the field that a pad writes into: the one of its panel that had the
// focus last, or the first.
let typed
addEventListener('focusin', e => { if (typing(e.target)) typed = e.target.id })

function padded(el) {
  const fields = all('input[inputmode]', el.closest('.panel, form')).filter(seen)
  return fields.find(f => f.id === typed) || fields[0]
}

// press is a key of a pad on the screen.
function press(field, digit) {
  if (!field) return
  if (digit === 'sign') field.value = field.value.startsWith('-') ? field.value.slice(1) : '-' + field.value
  else field.value = digit === 'back' ? field.value.slice(0, -1) : digit === 'clear' ? '' : field.value + digit
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

// The rows of a list say whether they are in focus; a touch puts them there.
addEventListener('pointerdown', e => { const row = e.target.closest('[data-row]'); if (row && !e.target.closest('button')) row.focus() })

// rest says what of a sum is still open, in fen, and fills it into a field.
const fen = text => { const m = /^[￥¥]?(\d+)(?:\.(\d{1,2}))?$/.exec(text.trim()); return m ? Number(m[1]) * 100 + Number(((m[2] || '') + '00').slice(0, 2)) : 0 }
const yuan = n => `${n < 0 ? '−' : ''}${Math.floor(Math.abs(n) / 100)}.${String(Math.abs(n) % 100).padStart(2, '0')}`

function rest(form) {
  const due = Number(form.dataset.rest)
  const fields = all('input[data-fill]', form)
  const given = fields.reduce((sum, el) => sum + fen(el.value), 0)
  for (const el of fields) el.dataset.fill = yuan(Math.max(0, due - given + fen(el.value)))
  for (const el of all('[data-open-sum]', form)) {
    el.textContent = '￥' + yuan(Math.abs(due - given))
    el.parentElement.classList.toggle('over', given >= due)
  }
}

addEventListener('input', e => { const form = e.target.closest('[data-rest]'); if (form) rest(form) })

// A scanner that acts as a keyboard types faster than a person and ends with
// Enter. What it types is a scan wherever the focus is, and its Enter never
// presses a button. What a person types outside a field goes into the field for
// codes.
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
  if (!body.dataset.scan) return toPIN(e)
  const el = document.activeElement
  if (!fast) {
    burst = e.key
    before = typing(el) ? [el, el.value, true] : null
    if (!before && $('code') && seen($('code')) && /[0-9A-Za-z]/.test(e.key)) {
      before = [$('code'), $('code').value, false]
      $('code').focus()
    }
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
  if (scan) {
    if (before && !before[2]) before[0].blur()
    if (before && before[2] && before[0].matches('[data-takes]')) {
      before[0].value = burst // a field that waits for a card
      before[0].dispatchEvent(new Event('input', { bubbles: true }))
    } else post(body.dataset.scan, { code: burst }, 'stay')
  }
  burst = ''
  toPIN(e)
}

// Where nothing is scanned, a digit goes into the PIN, and Enter signs in, though a
// person or a key of the pad was touched before.
function toPIN(e) {
  const el = document.activeElement
  if (!$('pin') || typing(el)) return
  if (/^[0-9]$/.test(e.key)) $('pin').focus()
  else if (e.key === 'Enter' && el === body && !stolen) $('pin').form.requestSubmit()
}

// Some browsers press a button, or write, on the event that follows.
for (const kind of ['keypress', 'keyup']) addEventListener(kind, e => { if (stolen) steal(e) }, true)

function shortcut(e) {
  if (e.key === 'Escape') {
    const back = all('.panel.up [data-key="Escape"]').find(seen)
    waiting = undefined
    notice('')
    if (body.dataset.open === undefined && back) return back.click()
    return open()
  }
  const key = (e.shiftKey ? 'Shift+' : '') + e.key
  const el = all(`[data-key="${CSS.escape(key)}"]`).find(seen)
  if (el) { e.preventDefault(); if (!e.repeat) el.click() } else if (!typing(document.activeElement) || /^Arrow(Up|Down)$/.test(e.key)) row(e)
}

// row moves among the rows of a list and presses the keys of the one in focus.
function row(e) {
  const rows = all('[data-row]').filter(seen)
  const at = rows.indexOf(document.activeElement.closest('[data-row]'))
  const step = { ArrowUp: -1, ArrowDown: 1 }[e.key]
  if (step && rows.length) {
    e.preventDefault()
    rows[at < 0 ? (step < 0 ? rows.length - 1 : 0) : Math.max(0, Math.min(rows.length - 1, at + step))].focus()
  } else if (at >= 0 && !step) {
    all(`[data-rowkey="${CSS.escape(e.key)}"]`, rows[at]).filter(seen).forEach(el => { e.preventDefault(); el.click() })
  }
}

// turn lets a wheel run out at what was drawn, and covers a card until it is
// scratched; without motion both show it at once. What was won is said then.
async function turn(el) {
  const fresh = body.dataset.turned !== undefined && body.dataset.turned !== el.dataset.turn
  body.dataset.turned = el.dataset.turn
  if (fresh && !matchMedia('(prefers-reduced-motion: reduce)').matches) {
    el.classList.add('runs')
    await Promise.all([...all('[data-wheel]', el).map(spin), ...all('[data-scratch]', el).map(scratch)])
    tone(el.querySelector('.won') ? 'ok' : 'attention')
  }
  el.classList.remove('runs')
  el.classList.add('stands')
}

const spin = wheel => wheel.animate(
  [{ transform: 'rotate(0deg)' }, { transform: `rotate(${1440 + Number(wheel.dataset.wheel)}deg)` }],
  { duration: 4000, easing: 'cubic-bezier(.12,.7,.1,1)' }).finished

// scratch covers a card until a finger has rubbed enough of it off, or nobody does.
function scratch(card) {
  const cover = document.createElement('canvas')
  const { width, height } = card.getBoundingClientRect()
  Object.assign(cover, { width, height })
  const pen = cover.getContext('2d')
  const style = getComputedStyle(card)
  pen.fillStyle = style.borderTopColor
  pen.fillRect(0, 0, width, height)
  pen.fillStyle = style.backgroundColor
  pen.font = `700 ${Math.round(height / 5)}px ${style.fontFamily}`
  pen.textAlign = 'center'
  pen.fillText(card.dataset.scratch, width / 2, height * 0.57)
  pen.globalCompositeOperation = 'destination-out'
  pen.lineWidth = height / 4
  pen.lineCap = 'round'
  card.append(cover)
  return new Promise(done => {
    let rubbed = 0
    let last
    const off = () => { cover.remove(); done() }
    const idle = setTimeout(off, 6000)
    cover.addEventListener('pointermove', e => {
      const at = [e.offsetX, e.offsetY]
      pen.beginPath()
      pen.moveTo(...(last || at))
      pen.lineTo(...at)
      pen.stroke()
      if (last) rubbed += Math.hypot(at[0] - last[0], at[1] - last[1])
      last = at
      if (rubbed > width * 3) { clearTimeout(idle); off() }
    })
  })
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
