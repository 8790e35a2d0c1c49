// The rolling half minute and the plane. Both are drawn anew when an answer ripens, in colours that
// follow the theme by themselves; between two answers the browser only pushes the picture along.
const SPAN_S = 30;
const JOIN_S = 1; // running answers come every half second; a longer gap is a pause
const TRAIL_S = 4;
const NAME_S = 2.2; // a shorter stretch has no room for its name
const SVG = "http://www.w3.org/2000/svg";
const still = matchMedia("(prefers-reduced-motion: reduce)");

const mark = (emotion) => `<i class="ser-mark ${emotion}"></i>`;

// Answers, each placed at its end; the first of a stretch also covers its own sound.
function stretches(history, now) {
  const found = [];
  let last = -Infinity;
  for (const [start, end, shares] of history) {
    if (end - last > JOIN_S) found.push([[Math.max(Math.max(start, last) - now, -SPAN_S), shares]]);
    found.at(-1).push([end - now, shares]);
    last = end;
  }
  return found;
}

const topOf = (shares) => shares.indexOf(Math.max(...shares));

function areaPath(knots, emotion) {
  const below = (shares) => 100 - shares.slice(0, emotion).reduce((sum, p) => sum + p, 0) / 10;
  const points = (edge) => knots.map(([x, shares]) => `${x.toFixed(2)} ${edge(shares).toFixed(1)}`);
  const upper = points((shares) => below(shares) - shares[emotion] / 10);
  return `M${upper.join("L")}L${points(below).reverse().join("L")}Z`;
}

// Where one emotion leads for long enough, its name stands above, in a lane of its own.
function leaders(knots) {
  const runs = [];
  knots.forEach(([x, shares], i) => {
    const top = topOf(shares), from = i ? knots[i - 1][0] : x;
    if (runs.at(-1)?.top === top) runs.at(-1).to = x;
    else runs.push({ top, from, to: x });
  });
  return runs.filter(({ from, to }) => to - from >= NAME_S);
}

// Whose voice it is, as long as it is the same one's.
function turns(history, now) {
  const runs = [];
  let last = -Infinity;
  for (const [start, end, , who] of history) {
    const from = Math.max(Math.max(start, last) - now, -SPAN_S), run = runs.at(-1);
    if (run && run.who === who) run.to = end - now;
    else runs.push({ who, from, to: end - now });
    last = end;
  }
  return runs.filter(({ who }) => who);
}

function drawRecent(root, emotions, { history, at }, moves) {
  const belt = root.querySelector(".belt"), groups = stretches(history, at);
  belt.querySelector("svg").replaceChildren(...emotions.map(({ name }, i) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", groups.map((knots) => areaPath(knots, i)).join(""));
    path.style.fill = `var(--ser-${name})`;
    return path;
  }));
  belt.querySelector(".names").innerHTML = groups.flatMap(leaders).map(({ top, from, to }) =>
    `<span style="left:${(100 + (50 * (from + to)) / SPAN_S).toFixed(2)}%">` +
    `${mark(emotions[top].name)}${emotions[top].name}</span>`).join("");
  belt.querySelector(".voices").replaceChildren(...turns(history, at).map(({ who, from, to }) => {
    const name = document.createElement("span"); // a visitor's words
    name.textContent = name.title = who;
    name.style.left = `${(100 + (100 * from) / SPAN_S).toFixed(2)}%`;
    name.style.width = `calc(${((100 * (to - from)) / SPAN_S).toFixed(2)}% - 2px)`;
    return name;
  }));
  for (const name of belt.querySelectorAll(".voices span")) { // the letter tells unnamed voices apart
    if (name.scrollWidth > name.clientWidth) name.textContent = name.title.replace(/^Voice /, "");
  }
  belt.getAnimations().forEach((animation) => animation.cancel());
  if (moves && !still.matches) { // no further than the next answer may be late
    belt.animate({ transform: ["none", `translateX(${-100 / SPAN_S}%)`] }, { duration: 1000, fill: "forwards" });
  }
}

function placeOf(emotions, shares) {
  const sum = shares.reduce((a, b) => a + b, 0) || 1;
  const mean = (axis) => emotions.reduce((a, e, i) => a + e[axis] * shares[i], 0) / sum;
  return [mean("x"), mean("y")];
}

function buildPlane(root, emotions) {
  const field = root.querySelector(".field");
  field.querySelectorAll(".place").forEach((old) => old.remove());
  emotions.forEach(({ name, x, y, left }) => field.insertAdjacentHTML("beforeend",
    `<span class="place${left ? " left" : ""}" style="left:${50 + 50 * x}%;top:${50 - 50 * y}%">${mark(name)}${name}</span>`));
}

function drawPlane(root, emotions, { history }) {
  const dot = root.querySelector(".dot"), trail = [];
  for (const [, end, shares] of [...history].reverse()) {
    const last = trail.at(-1);
    if (last && (last.end - end > JOIN_S || end < trail[0].end - TRAIL_S)) break;
    trail.push({ end, place: placeOf(emotions, shares) });
  }
  root.querySelector(".trail").setAttribute("points", trail.map(({ place: [x, y] }) => `${x},${-y}`).join(" "));
  dot.toggleAttribute("data-shown", trail.length > 0);
  if (trail.length) {
    const [x, y] = trail[0].place;
    dot.style.left = `${50 + 50 * x}%`;
    dot.style.top = `${50 - 50 * y}%`;
  }
}
