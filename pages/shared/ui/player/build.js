// The elements of a player. What is drawn on canvases is hidden from a screen reader: it reads the
// slider, the buttons and the list of segments.
const ICONS = {
  play: "M5 3 L17 10 L5 17Z",
  pause: "M4 3H8V17H4ZM12 3H16V17H12Z",
  previous: "M15 4V16L7 10ZM5 4H7V16H5Z",
  next: "M5 4V16L13 10ZM13 4H15V16H13Z",
  in: "M9 4H11V9H16V11H11V16H9V11H4V9H9Z",
  out: "M4 9H16V11H4Z",
  whole: "M3 4H5V16H3ZM15 4H17V16H15ZM6 10 9 7V9H11V7L14 10 11 13V11H9V13Z",
};
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path")).setAttribute("d", ICONS[name]);
  return svg;
}

function button(p, name, label, act, ...content) {
  const made = element("button", { type: "button", class: name, title: label, "aria-label": label }, ...(content.length ? content : [icon(name)]));
  made.onclick = act;
  return (p.parts[name] = made);
}

function build(p) {
  p.parts = {};
  p.audio = element("audio", { preload: "metadata" });
  p.parts.time = element("span", { class: "time" });
  p.parts.now = element("span", { class: "now", "aria-hidden": "true" });
  p.parts.speed = element("select", { "aria-label": "Speed", title: "Speed" },
    ...SPEEDS.map((speed) => element("option", { value: speed, ...(speed === 1 && { selected: "" }) }, `${speed}\u00d7`)));
  p.parts.trouble = element("span", { class: "trouble", role: "status" });
  p.parts.views = element("span", { class: "group views" });
  p.parts.steps = element("span", { class: "group" },
    button(p, "previous", "Previous segment", () => step(p, -1)), button(p, "next", "Next segment", () => step(p, 1)));
  p.parts.zoom = element("span", { class: "group" },
    button(p, "out", "Zoom out", () => zoom(p, p.zoom / 2, centre(p))),
    button(p, "in", "Zoom in", () => zoom(p, p.zoom * 2, centre(p))),
    button(p, "whole", "Show all of it", () => zoom(p, 1, centre(p))));
  p.bar = element("div", { class: "bar" },
    button(p, "play", "Play", () => toggle(p)), p.parts.time, p.parts.steps,
    button(p, "unsure", "Next not sure", () => nextUnsure(p), "Next not sure"),
    p.parts.trouble, p.parts.now, p.parts.speed, p.parts.zoom, p.parts.views);
  p.frame = element("div", { class: "frame" });
  p.head = element("div", { class: "head" });
  p.inner = element("div", { class: "inner", "aria-hidden": "true" });
  p.view = element("div", { class: "view", tabindex: 0, role: "slider", "aria-label": "Position", "aria-valuemin": 0 }, p.inner);
  p.gutter = element("div", { class: "gutter", "aria-hidden": "true" });
  p.list = element("ol", { class: "list", "aria-label": "Segments" });
  p.key = element("div", { class: "ser-key" });
  p.root.replaceChildren(p.audio, p.bar, element("div", { class: "axes" }, p.gutter, p.view), p.list, p.key);
}

const centre = (p) => {
  const { from, to } = seen(p), now = p.audio.currentTime;
  return now > from && now < to ? now : (from + to) / 2;
};

const mark = (emotion) => (emotion ? [element("span", { class: `ser-mark ${emotion}` })] : []);

// A row of pieces with a text each, which shows where there is room for it.
function strip(p, name, items) {
  const pieces = items.map((item) => {
    const { start, end, emotion, text } = item, nth = p.data.segments.indexOf(item);
    const piece = element("div", { class: `piece ${emotion === null ? "open" : emotion || "none"}`, "data-nth": nth < 0 ? undefined : nth },
      element("span", { class: "label" }, ...mark(emotion), element("span", {}, text)), element("i"));
    piece.style.cssText = `left: ${(100 * start) / p.duration}%; width: ${(100 * (end - start)) / p.duration}%`;
    if (emotion !== null) piece.style.setProperty("--fill", p.data.colours[emotion]);
    return piece;
  });
  return element("div", { class: `strip ${name}` }, ...pieces);
}

function layRows(p) {
  const { segments, rows, shown, views } = p.data, stacked = p.picture?.edges?.length;
  const below = [...(stacked ? ["stack"] : []), ...shown.filter((name) => ROWS[name]), "axis"];
  const canvases = p.data.small ? ["wave"] : ["wave", ...below];
  p.canvases = Object.fromEntries(canvases.map((name) => [name, element("canvas", { class: name })]));
  p.gutter.replaceChildren();
  const laid = [], voices = rows.filter((row) => row.segments), texts = rows.filter((row) => !row.segments);
  for (const { name, items, segments: own } of voices) laid.push([strip(p, "answers", [...own.map((i) => segments[i]), ...items]), [[name, 0.5]]]);
  if (segments.length && !voices.length) laid.push([strip(p, "answers", segments), []]);
  for (const name of canvases) {
    if (name === "axis") for (const row of texts) laid.push([strip(p, row.bars ? "answers beside" : "texts", row.items), [[row.name, 0.5]]]);
    const row = element("div", { class: "row" }, p.canvases[name]);
    row.style.height = `${heightOf(p, name)}px`;
    laid.push([row, ROWS[name].marks ?? views[name]?.marks ?? []]);
  }
  p.inner.replaceChildren(p.frame, ...laid.map(([row]) => row), p.head);
  p.gutter.append(...laid.map(([row, marks]) => {
    const cell = element("div", { class: row.className }, ...marks.map(([text, at]) => {
      const label = element("span", {}, text);
      label.style.top = `${100 * at}%`;
      return label;
    }));
    cell.style.height = row.style.height;
    return cell;
  }));
  p.gutter.hidden = laid.every(([, marks]) => !marks.length);
}

function listSegments(p) {
  p.list.replaceChildren(...p.data.segments.map((segment, i) => {
    const made = element("button", { type: "button", "aria-label": segment.words, tabindex: -1 },
      element("span", { class: "what" }, ...mark(segment.emotion), segment.text, element("b", {}, segment.sure)),
      element("span", { class: "when" }, `${clock(segment.start)}\u2013${clock(segment.end)}`,
        segment.voice ? element("span", { class: "who" }, segment.voice) : element("span", {}, segment.note)));
    made.onclick = () => choose(p, i);
    return element("li", {}, made);
  }));
  const emotions = p.picture?.edges?.map(([emotion]) => emotion) ?? [];
  const atOnce = p.data.rows.some((row) => row.segments && row.items.length);
  p.key.replaceChildren(...emotions.map((emotion) => element("span", { class: "item" }, ...mark(emotion), emotion)),
    ...(atOnce ? [element("span", { class: "item" }, element("i", { class: "at-once" }), "at once, not judged")] : []));
}
