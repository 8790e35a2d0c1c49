// What a player does. Which segment is chosen is decided here, sounds here at once, and is told to
// Python, which says more about it. Python owns what is drawn.
const mounted = new WeakMap();
const TELL_MS = 150; // who walks with an arrow key held down is told of once

function play(p, from, until) {
  p.until = until;
  p.audio.currentTime = from;
  start(p);
}

async function start(p) {
  const { audio } = p, from = audio.currentTime;
  if (audio.error) { // fetched anew
    audio.load();
    audio.currentTime = from;
  }
  try {
    await audio.play();
    p.parts.trouble.textContent = "";
  } catch (error) {
    // another click came in between: no trouble
    if (error.name !== "AbortError") p.parts.trouble.textContent = "No sound came. Try again, or load the page again.";
  }
}

function toggle(p) {
  if (!p.audio.paused) return p.audio.pause();
  p.until = null;
  if (p.audio.ended || p.audio.currentTime >= p.duration) p.audio.currentTime = 0;
  start(p);
}

function choose(p, index, from) {
  const segment = p.data.segments[index];
  if (!segment) return;
  p.chosen = index;
  play(p, from ?? segment.start, from === undefined ? segment.end : null);
  if (from === undefined) reveal(p, segment.start, segment.end);
  showChosen(p);
  clearTimeout(p.telling);
  p.telling = setTimeout(() => p.tell("chosen", p.chosen), TELL_MS);
}

function step(p, by) {
  const { segments } = p.data;
  if (segments.length) choose(p, clamp(p.chosen + by, 0, segments.length - 1));
}

function nextUnsure(p) {
  const unsure = p.data.segments.flatMap(({ emotion }, i) => (emotion ? [] : [i]));
  choose(p, unsure.find((i) => i > p.chosen) ?? unsure[0]);
}

function showChosen(p) {
  const segment = p.data.segments[p.chosen];
  p.frame.hidden = p.data.segments.length < 2;
  const buttons = [...p.list.querySelectorAll("button")];
  buttons.forEach((button, i) => {
    button.tabIndex = i === p.chosen ? 0 : -1;
    button.setAttribute("aria-pressed", String(i === p.chosen));
  });
  if (!segment) return;
  p.frame.style.cssText = `left: ${(100 * segment.start) / p.duration}%; width: ${(100 * (segment.end - segment.start)) / p.duration}%`;
  const { offsetTop: top, offsetHeight: height } = buttons[p.chosen];
  p.list.scrollTop = clamp(p.list.scrollTop, top + height - p.list.clientHeight, top);
  if (p.list.contains(document.activeElement)) buttons[p.chosen].focus({ preventScroll: true });
}

// Where the sound is: the line, the clock, the name of what is heard.
function showPosition(p) {
  const now = p.audio.currentTime, here = p.data.segments[segmentAt(p, now)];
  const sure = here?.sure ? `, ${here.sure}` : ""; // where it is not sure there is no number
  p.head.style.left = `clamp(1px, ${(100 * now) / p.duration}%, 100% - 1px)`;
  p.parts.time.replaceChildren(element("b", {}, clock(now)), ` / ${clock(p.duration)}`);
  const said = here ? `${here.voice && `${here.voice}: `}${here.text}${sure}` : "";
  if (p.parts.now.dataset.said !== said) {
    p.parts.now.dataset.said = said;
    p.parts.now.replaceChildren(...(here ? [...mark(here.emotion), said] : []));
  }
  if (!p.audio.paused && p.valued === Math.floor(now)) return;
  p.valued = Math.floor(now);
  p.view.setAttribute("aria-valuenow", now.toFixed(1));
  p.view.setAttribute("aria-valuetext", `${clock(now)} of ${clock(p.duration)}${here ? `, ${here.text}${sure && `${sure} sure`}` : ""}`);
}

function follow(p) {
  const { audio } = p;
  cancelAnimationFrame(p.following);
  if (p.until && audio.currentTime >= p.until) {
    audio.pause();
    audio.currentTime = p.until;
    p.until = null;
  }
  showPosition(p);
  if (audio.paused) return;
  const { from, to } = seen(p);
  if (audio.currentTime > to || audio.currentTime < from) reveal(p, audio.currentTime, audio.currentTime);
  p.following = requestAnimationFrame(() => follow(p));
}

function showPlaying(p) {
  const name = p.audio.paused ? "play" : "pause", label = p.audio.paused ? "Play" : "Pause";
  p.parts.play.replaceChildren(icon(name));
  p.parts.play.setAttribute("aria-label", label);
  p.parts.play.title = label;
  follow(p);
}

function key(p, event) {
  const { target } = event, inBar = p.bar.contains(target), now = p.audio.currentTime;
  if (target.tagName === "SELECT" || event.ctrlKey || event.altKey || event.metaKey) return;
  const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  if (event.key === " " && !inBar) toggle(p);
  else if (by && (event.shiftKey || !p.data.segments.length)) {
    p.until = null; // whoever goes further wants to hear further
    p.audio.currentTime = clamp(now + by, 0, p.duration);
  }
  else if (by) step(p, by);
  else if (event.key === "Home") choose(p, 0);
  else if (event.key === "End") choose(p, p.data.segments.length - 1);
  else if (event.key === "+") zoom(p, p.zoom * 2, centre(p));
  else if (event.key === "-") zoom(p, p.zoom / 2, centre(p));
  else return;
  event.preventDefault();
}

function listen(p) {
  const { audio, view } = p;
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
  });
  for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, () => showPlaying(p));
  for (const event of ["timeupdate", "seeked"]) audio.addEventListener(event, () => audio.paused || document.hidden ? follow(p) : null);
  p.parts.speed.onchange = () => (audio.playbackRate = Number(p.parts.speed.value));
  p.root.onkeydown = (event) => key(p, event);
  // a button in the list would be pressed when the space bar comes up
  p.list.onkeyup = (event) => event.key === " " && event.preventDefault();
  p.inner.onclick = (event) => {
    const time = timeAt(p, event.clientX), nth = event.target.closest("[data-nth]")?.dataset.nth;
    const index = nth === undefined ? near(p, time) : Number(nth);
    if (index < 0) play(p, time, null);
    else choose(p, index, time);
  };
  view.onscroll = () => repaint(p);
  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(p, p.zoom * Math.exp(-event.deltaY / 200), timeAt(p, event.clientX));
  }, { passive: false });
  // two fingers stretch the axis; one is left to the page and to the scrolling along it
  const apart = ([a, b]) => Math.max(Math.abs(a.clientX - b.clientX), 1);
  view.addEventListener("touchstart", ({ touches }) => {
    p.pinch = touches.length === 2 ? { zoom: p.zoom, apart: apart(touches) } : null;
  }, { passive: true });
  view.addEventListener("touchmove", (event) => {
    if (!p.pinch || event.touches.length !== 2) return;
    event.preventDefault();
    const [a, b] = event.touches;
    zoom(p, (p.pinch.zoom * apart(event.touches)) / p.pinch.apart, timeAt(p, (a.clientX + b.clientX) / 2));
  }, { passive: false });
  new ResizeObserver(() => repaint(p)).observe(view);
}

// The picture is fetched once: it is large, and a click does not change it.
async function fetchPicture(p, address) {
  p.address = address;
  const answer = await fetch(address);
  if (p.address !== address || !answer.ok) return;
  p.picture = unpacked(await answer.json());
  show(p);
}

async function fetchSpectrogram(p, found) {
  const address = JSON.stringify(found);
  if (!found || p.seenAs === address) return;
  p.seenAs = address;
  const bytes = new Uint8Array(await (await fetch(found.address)).arrayBuffer());
  if (p.seenAs !== address) return;
  p.spectrogram = coloured(bytes, found.bands, ramp(found.scale));
  repaint(p);
}

// What is shown of a segment alone is not seen where it is a hair's breadth.
function comeCloser(p) {
  const { start, end } = p.data.segments[p.chosen], width = (end - start) * seen(p).perSecond;
  if (width * 8 > p.view.clientWidth) return;
  zoom(p, (p.zoom * p.view.clientWidth) / (3 * width), start);
  reveal(p, start, end);
}

function offerViews(p) {
  const { offers } = p.data;
  p.parts.views.replaceChildren(...Object.entries(offers).map(([name, label]) => {
    const made = element("button", { type: "button", name }, label);
    made.onclick = () => {
      p.data.shown = Object.keys(offers).filter((each) => (each === name) !== p.data.shown.includes(each));
      const added = p.data.shown.includes(name);
      if (added) comeCloser(p);
      show(p);
      if (added) p.canvases[name].scrollIntoView({ block: "nearest" }); // it comes below all others
      p.tell("shown", p.data.shown);
    };
    return made;
  }));
}

// Do something if what it depends on has changed: what is under a pointer must not be replaced.
function once(p, act, ...causes) {
  const known = JSON.stringify(causes);
  if (p.done[act.name] === known) return;
  p.done[act.name] = known;
  act(p);
}

function show(p) {
  const { segments, rows, alt, offers, shown, views, colours } = p.data, edges = Boolean(p.picture?.edges);
  p.root.setAttribute("aria-label", alt);
  p.parts.steps.hidden = segments.length < 2;
  p.parts.unsure.hidden = segments.length < 2 || segments.every(({ emotion }) => emotion);
  once(p, offerViews, offers);
  [...p.parts.views.children].forEach((made) => made.setAttribute("aria-pressed", String(shown.includes(made.name))));
  once(p, layRows, segments, rows, shown, colours, edges, Object.values(views).map(({ marks }) => marks));
  once(p, listSegments, segments, rows, edges);
  showChosen(p);
  showPosition(p);
  repaint(p);
}

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".ser-player");
  let p = mounted.get(root);
  if (!p) {
    p = { root, zoom: 1, chosen: data.chosen, done: {} };
    mounted.set(root, p);
    build(p);
    listen(p);
  }
  // what was corrected has other segments
  else if (JSON.stringify(p.data.segments) !== JSON.stringify(data.segments)) p.chosen = data.chosen;
  Object.assign(p, { data, duration: data.duration, tell: setStateValue });
  root.className = `ser-player ${data.small ? "small" : ""} ${data.rows.some((row) => row.segments) ? "voices" : ""}`;
  if (p.audio.getAttribute("src") !== data.sound) p.audio.src = data.sound;
  p.view.setAttribute("aria-valuemax", data.duration.toFixed(1));
  show(p);
  zoom(p, p.zoom, centre(p));
  if (p.address !== data.picture) fetchPicture(p, data.picture);
  fetchSpectrogram(p, data.views.spectrogram);
}
