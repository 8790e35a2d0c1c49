// One table per mounted matrix. Python owns what is drawn; which cell is wanted open is decided
// here, shown at once, and kept until Python has answered to it.
const mounted = new WeakMap();

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

function build(root, { labels, columns, clickable }) {
  const table = element("table");
  table.append(element("caption"));
  const head = element("thead").appendChild(element("tr"));
  head.append(element("td"));
  columns.forEach((name, i) =>
    head.append(element("th", { scope: "col", title: labels[i], "aria-label": `heard as ${labels[i]}` }, name)));
  table.append(head.parentElement);
  const body = table.appendChild(element("tbody"));
  const cells = labels.map((acted) => {
    const row = body.appendChild(element("tr"));
    row.append(element("th", { scope: "row" }, acted));
    return labels.map(() => {
      const cell = element(clickable ? "button" : "span", { class: "cell" });
      if (clickable) Object.assign(cell, { type: "button", tabIndex: -1 });
      row.appendChild(element("td")).append(cell);
      return cell;
    });
  });
  root.replaceChildren(table);
  return { table, cells };
}

// Arrow keys walk; only one cell is on the way of the Tab key.
function walk(event, cells, row, column) {
  const last = cells.length - 1;
  const [r, c] = {
    ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
    Home: [row, 0], End: [row, last],
  }[event.key] ?? [];
  if (r === undefined || r < 0 || c < 0 || r > last || c > last) return;
  event.preventDefault();
  cells.flat().forEach((cell) => (cell.tabIndex = -1));
  cells[r][c].tabIndex = 0;
  cells[r][c].focus();
}

function frame({ cells }, labels, chosen) {
  cells.forEach((row, r) => row.forEach((cell, c) =>
    cell.setAttribute("aria-pressed", String(same([labels[r], labels[c]], chosen)))));
}

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".ser-matrix");
  const shape = JSON.stringify([data.labels, data.columns, data.clickable]);
  let here = mounted.get(root);
  if (here?.shape !== shape) {
    here = { shape, ...build(root, data), clickedAt: 0 };
    mounted.set(root, here);
  }
  here.table.caption.textContent = data.alt;
  // a page that was drawn for an earlier click must not move the frame back
  if (data.answered >= here.clickedAt) here.chosen = data.chosen ?? null;
  data.cells.forEach((row, r) => row.forEach((look, c) => {
    const cell = here.cells[r][c];
    cell.textContent = look.text;
    cell.title = look.words;
    cell.style.backgroundColor = look.fill;
    cell.style.color = look.ink;
    if (!data.clickable) return;
    cell.setAttribute("aria-label", look.words);
    cell.onkeydown = (event) => walk(event, here.cells, r, c);
    cell.onclick = () => {
      const wanted = [data.labels[r], data.labels[c]];
      here.chosen = same(wanted, here.chosen) ? null : wanted;
      here.clickedAt = Date.now();
      frame(here, data.labels, here.chosen);
      setStateValue("wanted", { cell: here.chosen, at: here.clickedAt });
    };
  }));
  if (!data.clickable) return;
  if (!here.cells.flat().some((cell) => cell.tabIndex === 0)) here.cells[0][0].tabIndex = 0;
  frame(here, data.labels, here.chosen);
}
