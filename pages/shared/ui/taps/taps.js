// Plotly takes a touch for the begin of a drag: it holds the page fast, and selects the point that
// the pointer was last over, which for a finger is none. Where nothing is drawn by dragging, a touch
// is left to the browser: it scrolls the page, or makes of a tap what a mouse would have done.
document.addEventListener(
  "touchstart",
  (event) => {
    const plot = event.target.closest?.(".nsewdrag")?.closest(".js-plotly-plot");
    if (plot && plot.layout?.dragmode !== "lasso") event.stopPropagation();
  },
  { capture: true, passive: true },
);

export default () => {};
