// From windows and their probabilities to one answer, as ser_core/analysis/timeline.py does.

const FLOOR = 1e-12;
const sum = (values) => values.reduce((a, b) => a + b, 0);
const topOf = (row) => row.indexOf(Math.max(...row));

// softmax(z / T) from softmax(z); 1 / T undoes T.
export function tempered(row, temperature) {
  const raised = row.map((p) => Math.max(p, FLOOR) ** (1 / temperature)), total = sum(raised);
  return raised.map((p) => p / total);
}

// Mean of calibrated rows, taken where the temperature was fitted. Parts are [row, weight].
function pooled(parts, temperature) {
  if (parts.length === 1) return parts[0][0];
  const raw = parts.map(([row]) => tempered(row, 1 / temperature));
  const total = sum(parts.map(([, weight]) => weight));
  const mean = raw[0].map((_, k) => sum(parts.map(([, weight], i) => weight * raw[i][k])) / total);
  return tempered(mean, temperature);
}

// First and last sample of the windows over an utterance: one every hop, and one at its end.
export function windowBounds(size, window, hop) {
  if (size <= window) return [[0, size]];
  const starts = [];
  for (let start = 0; start < size - window; start += hop) starts.push(start);
  return [...starts, size - window].map((start) => [start, start + window]);
}

// An utterance, cut where its answer changes. Windows are { start_s, end_s, row }.
export function segmentsOf(windows, start_s, end_s, { threshold, temperature }) {
  const middles = windows.map((w) => (w.start_s + w.end_s) / 2);
  const cuts = [start_s, ...middles.slice(1).map((m, i) => (middles[i] + m) / 2), end_s];
  const runs = [];
  windows.forEach(({ row }, i) => {
    const top = topOf(row), answer = row[top] >= threshold ? top : null, run = runs.at(-1);
    const part = [row, cuts[i + 1] - cuts[i]];
    if (run && run.answer === answer) {
      run.parts.push(part);
      run.end_s = cuts[i + 1];
    } else runs.push({ answer, parts: [part], start_s: cuts[i], end_s: cuts[i + 1] });
  });
  return runs.map(({ answer, parts, ...when }) => ({ ...when, answer, row: pooled(parts, temperature) }));
}

// One answer for the whole sound: { kind, answer, row }.
export function verdictOf(segments, { threshold, temperature, dominant }) {
  if (!segments.length) return { kind: "no_speech", answer: null, row: null };
  const spoken = (s) => s.end_s - s.start_s, speech = sum(segments.map(spoken));
  const row = pooled(segments.map((s) => [s.row, spoken(s)]), temperature), top = topOf(row);
  const mostly = (answer) => sum(segments.filter((s) => s.answer === answer).map(spoken)) >= dominant * speech;
  if (mostly(top) && row[top] >= threshold) return { kind: "sounds", answer: top, row };
  return { kind: mostly(top) || mostly(null) ? "not_sure" : "mixed", answer: null, row };
}

// Whether nearly all of it got one answer.
export function stuck(segments, count, { many, nearly_all }) {
  const seconds = {};
  for (const s of segments) if (s.answer !== null) seconds[s.answer] = (seconds[s.answer] ?? 0) + s.end_s - s.start_s;
  const speech = sum(segments.map((s) => s.end_s - s.start_s));
  return count >= many && Math.max(0, ...Object.values(seconds)) >= nearly_all * speech;
}
