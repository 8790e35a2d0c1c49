// A click selects the point that Plotly last saw the pointer over. A finger is over none until it
// taps, so Plotly is told where it comes down. The page may be scrolled from there all the same.
document.addEventListener(
  "touchstart",
  ({ target, touches }) => {
    const plot = target.closest?.(".js-plotly-plot .nsewdrag");
    if (!plot || touches.length > 1) return;
    const { clientX, clientY } = touches[0];
    plot.dispatchEvent(new MouseEvent("mousemove", { bubbles: true, clientX, clientY }));
  },
  { capture: true, passive: true },
);

export default () => {};
