// One sound for all cards: whoever starts another one stops the first.
const mounted = new WeakMap();
const SVG = "http://www.w3.org/2000/svg";

function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

function outline(peaks) {
  const top = Math.max(...peaks, 1);
  const points = peaks.map((peak, i) => [i, Math.max(peak / top, 0.015)]);
  const below = points.map(([x, y]) => `${x},${-y}`).reverse();
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 -1 ${peaks.length - 1} 2`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const shape = svg.appendChild(document.createElementNS(SVG, "polygon"));
  shape.setAttribute("points", [...points.map((p) => p.join(",")), ...below].join(" "));
  return svg;
}

function stop(here) {
  here.sound.pause();
  here.playing?.play.setAttribute("aria-pressed", "false");
  here.playing?.item.classList.remove("playing");
  here.playing = null;
}

function follow(here) {
  if (!here.playing) return;
  here.playing.line.style.left = `${100 * (here.sound.currentTime / here.sound.duration || 0)}%`;
  requestAnimationFrame(() => follow(here));
}

async function start(here, card) {
  stop(here);
  here.playing = card;
  card.play.setAttribute("aria-pressed", "true");
  card.trouble.textContent = "";
  here.sound.src = card.address; // fetched now, not before
  try {
    await here.sound.play();
    if (here.playing !== card) return;
    card.item.classList.add("playing");
    follow(here);
  } catch {
    if (here.playing !== card) return; // another one was started meanwhile
    stop(here);
    card.trouble.textContent = "No sound came. Load the page again.";
  }
}

function build(here, data) {
  const item = element("li", { class: "example" });
  const head = item.appendChild(element("div", { class: "head" }));
  head.append(element("span", { class: `ser-mark ${data.emotion}` }), element("span", {}, data.emotion));
  const words = `acted ${data.emotion}, ${data.who}, ${data.said}`;
  const play = element("button", { class: "play", type: "button", "aria-label": `Play: ${words}`, "aria-pressed": "false" });
  play.style.setProperty("--colour", `var(--ser-${data.emotion})`);
  const line = element("span", { class: "line" });
  const wave = element("span", { class: "wave" });
  wave.append(outline(data.peaks), line);
  play.append(element("span", { class: "sign", "aria-hidden": "true" }), wave);
  const foot = element("div", { class: "foot" });
  const open = element("a", { href: data.result, "aria-label": `Judge it: ${words}` }, "Judge it");
  foot.append(element("span", { class: "who" }, data.who), open);
  const trouble = element("div", { class: "trouble", role: "status" });
  item.append(play, foot, trouble);
  play.title = data.said;

  const card = { item, play, line, trouble, address: data.sound };
  play.onclick = () => (here.playing === card ? stop(here) : start(here, card));
  open.onclick = (event) => {
    // with a key held the browser opens the address in another tab or window
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    stop(here);
    here.judge(data.id);
  };
  return card;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".ser-examples");
  let here = mounted.get(root);
  if (!here) {
    here = { sound: parentElement.querySelector("audio"), cards: new Map(), playing: null };
    here.sound.onended = () => stop(here);
    mounted.set(root, here);
    root.replaceChildren(...data.groups.map((group) => {
      const list = element("ul", { "aria-label": group.title });
      for (const each of group.cards) {
        const card = build(here, each);
        here.cards.set(each.id, card);
        list.append(card.item);
      }
      const section = element("div", { class: "group" });
      section.append(element("p", { class: "title" }, group.title), list);
      return section;
    }));
  }
  here.judge = (id) => setTriggerValue("judge", id);
  for (const each of data.groups.flatMap((group) => group.cards)) here.cards.get(each.id).address = each.sound;
  return () => stop(here); // when the page is left
}
