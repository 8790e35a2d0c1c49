// What was heard since the last time, on its way to the strip: so small that it can come often.
export default ({ data }) => {
  const detail = JSON.parse(new TextDecoder().decode(data));
  document.querySelector(".ser-strip")?.dispatchEvent(new CustomEvent("heard", { detail }));
};
