// What is drawn on canvases: each row sees the piece of the axis that is on the screen, no more.
const ROWS = {
  wave: { height: 84, paint: paintWave },
  stack: { height: 92, paint: paintStack, marks: [["100\u00a0%", 0], ["50", 0.5], ["0", 1]] },
  why: { height: 84, paint: paintWhy },
  spectrogram: { height: 104, paint: paintSpectrogram },
  axis: { height: 20, paint: paintAxis },
};

const heightOf = (p, name) => (p.data.small ? 56 : ROWS[name].height);

function repaint(p) {
  cancelAnimationFrame(p.painting);
  p.painting = requestAnimationFrame(() => {
    const sight = seen(p);
    for (const [name, canvas] of Object.entries(p.canvases)) {
      const width = p.view.clientWidth, height = heightOf(p, name), { paint } = ROWS[name], dense = devicePixelRatio;
      if (canvas.width !== Math.round(width * dense)) {
        canvas.width = Math.round(width * dense);
        canvas.height = Math.round(height * dense);
        canvas.style.width = `${width}px`;
      }
      const to = canvas.getContext("2d");
      to.setTransform(dense, 0, 0, dense, 0, 0);
      to.clearRect(0, 0, width, height);
      to.font = `13px ${getComputedStyle(p.root).fontFamily}`;
      if (width) paint(p, to, sight, width, height);
    }
  });
}

// A column a pixel, from the least to the greatest sample, in the colour of what is heard there.
function paintWave(p, to, { from, perSecond }, width, height) {
  const { low, high } = p.picture ?? {}, bins = low?.length;
  if (!bins) return;
  const { colours, segments, emotion } = p.data, half = height / 2 - 1, step = 1 / devicePixelRatio;
  let next = 0;
  for (let x = 0; x < width; x += step) {
    const start = from + x / perSecond, end = start + step / perSecond;
    while (next < segments.length && segments[next].end <= start) next++;
    const inside = segments[next]?.start < end;
    const first = Math.min(Math.floor((start / p.duration) * bins), bins - 1);
    const last = clamp(Math.ceil((end / p.duration) * bins), first + 1, bins);
    let top = -128, bottom = 127;
    for (let i = first; i < last; i++) {
      top = Math.max(top, high[i]);
      bottom = Math.min(bottom, low[i]);
    }
    to.fillStyle = inside ? colours[segments[next].emotion] : emotion ? colours[emotion] : colours.faint;
    to.globalAlpha = inside || emotion ? 1 : 0.55;
    const above = Math.max((half * top) / 127, 0.5), below = Math.max((-half * bottom) / 127, 0.5);
    to.fillRect(x, height / 2 - above, step, above + below);
  }
  to.globalAlpha = 1;
}

function paintStack(p, to, { from, to: until, perSecond }, width, height) {
  const { time, edges } = p.picture ?? {};
  if (!time?.length) return;
  const first = Math.max(time.findIndex((t) => t >= from) - 1, 0);
  const after = time.findIndex((t) => t > until), last = after < 0 ? time.length - 1 : after;
  const x = (i) => (time[i] - from) * perSecond, y = (value) => height * (1 - value / 10000);
  to.lineWidth = 0.8;
  to.strokeStyle = p.data.colours.background;
  // the last one first: each is drawn down to the ground, and the next one over it
  for (const [emotion, edge] of [...edges].reverse()) {
    to.fillStyle = p.data.colours[emotion];
    to.beginPath();
    to.moveTo(x(first), height);
    for (let i = first; i <= last; i++) to.lineTo(x(i), y(edge[i]));
    to.lineTo(x(last), height);
    to.fill();
    if (last - first < width / 8) to.stroke(); // more lines would hide what they part
  }
  edges.forEach(([emotion, edge], nth) => nameAreas(p, to, emotion, edge, edges[nth - 1]?.[1], { first, last, x, y }));
}

// The name in every area that has room for it.
function nameAreas(p, to, emotion, edge, below, { first, last, x, y }) {
  to.fillStyle = p.data.on[emotion];
  to.textAlign = "center";
  to.textBaseline = "middle";
  const share = (i) => edge[i] - (below?.[i] ?? 0), room = to.measureText(emotion).width + 12;
  for (let i = first; i <= last; i++) {
    if (share(i) < 3200) continue;
    const start = i;
    let most = 0;
    for (; i <= last && share(i) >= 3200; i++) most = Math.max(most, share(i));
    const left = Math.max(x(start), 0), right = Math.min(x(i - 1), p.view.clientWidth);
    if (most < 3600 || right - left < room) continue;
    const middle = (left + right) / 2, at = start + Math.max(range(start, i).findIndex((j) => x(j) >= middle), 0);
    to.fillText(emotion, middle, y(edge[at] - share(at) / 2));
  }
}

const range = (start, end) => Array.from({ length: end - start }, (_, i) => start + i);

// How far the score falls without each piece of sound; a line at nothing.
function paintWhy(p, to, { from, perSecond }, width, height) {
  const found = p.data.views.why;
  if (!found) return waiting(p, to, from, perSecond, height);
  const x = (t) => (t - from) * perSecond, y = (value) => 4 + ((found.high - value) / (found.high - found.low)) * (height - 8);
  to.strokeStyle = p.data.colours.faint;
  to.strokeRect(x(found.times[0]), y(0), (found.times.at(-1) - found.times[0]) * perSecond, 0);
  to.beginPath();
  found.times.forEach((t, i) => to.lineTo(x(t), y(found.drops[i])));
  to.strokeStyle = to.fillStyle = p.data.colours[found.emotion];
  to.lineWidth = 2;
  to.stroke();
  to.lineTo(x(found.times.at(-1)), y(0));
  to.lineTo(x(found.times[0]), y(0));
  to.globalAlpha = 0.16;
  to.fill();
  to.globalAlpha = 1;
}

function paintSpectrogram(p, to, { from, perSecond }, width, height) {
  const found = p.data.views.spectrogram, image = p.spectrogram;
  if (!found || !image) return waiting(p, to, from, perSecond, height);
  to.imageSmoothingEnabled = true;
  to.drawImage(image, (found.start - from) * perSecond, 0, (found.end - found.start) * perSecond, height);
}

function waiting(p, to, from, perSecond, height) {
  to.fillStyle = p.data.colours.muted;
  to.textBaseline = "middle";
  to.textAlign = "left";
  const start = p.data.segments[p.chosen]?.start ?? 0;
  to.fillText("Working it out", Math.max((start - from) * perSecond, 8), height / 2);
}

// Bytes, loudest 255, the lowest band first, as an image in the theme's scale.
function coloured(bytes, bands, scale) {
  const frames = bytes.length / bands, image = new ImageData(frames, bands);
  bytes.forEach((level, i) => {
    const [red, green, blue] = scale[level], band = Math.floor(i / frames);
    image.data.set([red, green, blue, 255], 4 * ((bands - 1 - band) * frames + (i % frames)));
  });
  const canvas = document.createElement("canvas");
  canvas.width = frames;
  canvas.height = bands;
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function paintAxis(p, to, sight, width) {
  to.font = to.font.replace("13px", "12px");
  to.fillStyle = p.data.colours.muted;
  to.textBaseline = "bottom";
  for (const [time, text] of ticks(sight)) {
    const x = (time - sight.from) * sight.perSecond, half = to.measureText(text).width / 2;
    to.textAlign = "center";
    to.fillText(text, clamp(x, half, width - half), 19);
    to.fillRect(clamp(x, 0, width - 1), 0, 1, 4);
  }
}

// 256 colours of a scale of [position, colour].
function ramp(scale) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 256, height: 1 });
  const to = canvas.getContext("2d"), gradient = to.createLinearGradient(0, 0, 256, 0);
  for (const [at, colour] of scale) gradient.addColorStop(at, colour);
  to.fillStyle = gradient;
  to.fillRect(0, 0, 256, 1);
  const { data } = to.getImageData(0, 0, 256, 1);
  return range(0, 256).map((i) => data.slice(4 * i, 4 * i + 3));
}
