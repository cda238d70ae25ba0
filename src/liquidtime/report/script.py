"""The page's script: draws the pictures, keeps the time axes together, follows the links to the worst stretches."""

SCRIPT = """
"use strict";
(() => {
  const config = { responsive: true, displaylogo: false, showSendToCloud: false, doubleClick: "reset",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "hoverClosestCartesian", "hoverCompareCartesian"] };
  const place = (source) => document.getElementById(source.dataset.figure);
  const drawn = (root) => [...root.querySelectorAll(".figure")].filter((plot) => plot.layout);

  function unpack({ shape, bytes }) {
    const all = new Float32Array(Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)).buffer);
    return Array.from({ length: shape[0] }, (_, row) => all.subarray(row * shape[1], (row + 1) * shape[1]));
  }

  function fill(figure) {
    const arrays = Object.fromEntries(Object.entries(figure.arrays).map(([name, packed]) => [name, unpack(packed)]));
    if (!arrays.state) return;
    const cells = arrays.state.map((states, row) =>
      Array.from(states, (state, column) => (arrays.tau ? [state, arrays.tau[row][column]] : [state])));
    for (const trace of figure.data.filter((trace) => trace.meta in arrays)) {
      trace.z = trace.meta === "tau" ? arrays.tau.map((row) => row.map(Math.log10)) : arrays[trace.meta];
      trace.customdata = cells;
    }
  }

  function draw(root) {
    for (const source of root.querySelectorAll("script[data-figure]")) {
      const plot = place(source);
      if (plot.layout || plot.closest("[hidden]")) continue;
      const figure = JSON.parse(source.textContent);
      fill(figure);
      const displayModeBar = plot.dataset.bar ? false : "hover";
      Plotly.newPlot(plot, figure.data, figure.layout, { ...config, displayModeBar });
      if (plot.dataset.timed) plot.on("plotly_relayout", () => follow(plot));
    }
  }

  // After one picture was zoomed, the others of its recording show the same time.
  function follow(plot) {
    const recording = plot.closest(".recording").dataset.recording;
    for (const panel of document.querySelectorAll(`.recording[data-recording="${recording}"]`)) {
      for (const peer of drawn(panel)) {
        const same = String(peer.layout.xaxis.range) === String(plot.layout.xaxis.range);
        if (peer !== plot && peer.dataset.timed && !same)
          Plotly.relayout(peer, { "xaxis.range": [...plot.layout.xaxis.range] });
      }
    }
  }

  function choose(recording) {
    for (const panel of document.querySelectorAll(".recording")) panel.hidden = panel.dataset.recording !== recording;
    for (const button of document.querySelectorAll("[data-choose]"))
      button.setAttribute("aria-pressed", button.dataset.choose === recording);
    draw(document);
  }

  function jump(link) {
    choose(link.dataset.jump);
    const [from, to] = [Number(link.dataset.from), Number(link.dataset.to)];
    const plot = drawn(document.querySelector(`#predictions .recording[data-recording="${link.dataset.jump}"]`))[0];
    const dated = plot.layout.xaxis.type === "date";
    const around = Math.max(to - from, dated ? 1.8e6 : 30);
    const ends = [from - around, to + around];
    const range = dated ? ends.map((moment) => new Date(moment).toISOString().replace("Z", "")) : ends;
    Plotly.relayout(plot, { "xaxis.range": range });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    const link = event.target.closest("[data-jump]");
    if (button) choose(button.dataset.choose);
    if (link) jump(link);
  });
  const resize = (size) => {
    for (const plot of drawn(document)) if (plot.offsetParent) Plotly.relayout(plot, size(plot));
  };
  window.addEventListener("beforeprint", () => resize((plot) => ({ width: Number(plot.dataset.printed) })));
  window.addEventListener("afterprint", () => resize(() => ({ width: null, autosize: true })));
  choose("0");
})();
"""
