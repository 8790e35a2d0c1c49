// The time axis: numbers from Python, times in words, what is seen of the axis, its zoom.
const TICKS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];
const TICK_PX = 64;
const CLOSEST_S = 2; // fewer seconds are never stretched over the whole width

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// 65.3 as "1:05.3", as ser_core.formatting.clock writes it
function clock(seconds, decimals = 1) {
  const unit = 10 ** decimals;
  const parts = Math.round(Math.max(seconds, 0) * unit);
  const rest = (parts % (60 * unit)) / unit;
  return `${Math.floor(parts / (60 * unit))}:${rest.toFixed(decimals).padStart(decimals ? decimals + 3 : 2, "0")}`;
}

function numbers(base64, Type) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Type(bytes.buffer);
}

function unpacked({ low, high, time, edges }) {
  return {
    low: numbers(low, Int8Array),
    high: numbers(high, Int8Array),
    time: time && numbers(time, Float32Array),
    edges: edges && Object.entries(edges).map(([emotion, text]) => [emotion, numbers(text, Uint16Array)]),
  };
}

// Seconds at both ends of what is seen, and how many pixels a second takes.
function seen(p) {
  const perSecond = p.inner.clientWidth / p.duration;
  const from = p.view.scrollLeft / perSecond;
  return { from, to: from + p.view.clientWidth / perSecond, perSecond };
}

function timeAt(p, clientX) {
  const box = p.inner.getBoundingClientRect();
  return clamp(((clientX - box.left) / box.width) * p.duration, 0, p.duration);
}

const segmentAt = (p, time) => p.data.segments.findIndex((s) => time >= s.start && time < s.end);

// The segment at a time, or one that lies within a finger's reach.
function near(p, time) {
  const reach = 6 / seen(p).perSecond;
  const away = p.data.segments.map((s) => Math.max(s.start - time, time - s.end, 0));
  const least = Math.min(...away);
  return least <= reach ? away.indexOf(least) : -1;
}

// Stretch the axis around a time, which stays where it is on the screen.
function zoom(p, wanted, around) {
  const before = seen(p);
  const x = (around - before.from) * before.perSecond;
  p.zoom = clamp(wanted, 1, Math.max(p.duration / CLOSEST_S, 1));
  p.inner.style.width = `${100 * p.zoom}%`;
  p.view.scrollLeft = around * seen(p).perSecond - x;
  p.parts.out.disabled = p.parts.whole.disabled = p.zoom === 1;
  repaint(p);
}

// Scroll along the axis so that a piece of it can be seen.
function reveal(p, start, end) {
  const { from, to, perSecond } = seen(p);
  if (start >= from && Math.min(end, start + (to - from) / 2) <= to) return;
  p.view.scrollLeft = (start - 0.1 * (to - from)) * perSecond;
}

function ticks({ from, to, perSecond }) {
  const step = TICKS_S.find((s) => s * perSecond >= TICK_PX) ?? TICKS_S.at(-1);
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor((to - first * step) / step + 1e-9) + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, i) => [(first + i) * step, clock((first + i) * step, step < 1 ? 1 : 0)]);
}
