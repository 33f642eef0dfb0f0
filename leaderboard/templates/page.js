"use strict";
const DATA = JSON.parse(document.getElementById("data").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const narrow = matchMedia("(max-width: 56rem)");
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

for (const section of document.querySelectorAll("section.task")) {
  const data = DATA[section.dataset.task];
  board(section, data.scores);
  const plot = () => draw(section.querySelector(".plot"), data.plot);
  plot();
  dark.addEventListener("change", plot);
  narrow.addEventListener("change", plot);
}

// The table is sorted and filtered by DataTables; it starts in the order of the file, tier by tier.
function board(section, scores) {
  const element = section.querySelector(".board");
  const table = new DataTable(element, {
    paging: false, info: false, order: [], autoWidth: false, layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
    columnDefs: [{ targets: "number", orderSequence: ["desc", "asc"] }],
    language: { zeroRecords: "No system matches." },
  });

  // Bands and hairlines set tiers apart, which they do only while the rows stand in the order of tiers.
  table.on("order", () => {
    const order = table.order();
    element.classList.toggle("by-tier", !order.length || (order[0][0] === 0 && order[0][1] === "asc"));
  });

  section.querySelector(".search").addEventListener("input", (event) => table.search(event.target.value).draw());

  const boxes = [...section.querySelectorAll(".families input")];
  const families = () => {
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    table.column(2).search(chosen.length ? `^\\s*(${chosen.join("|")})\\s*$` : "^$", { regex: true, smart: false }).draw();
  };
  for (const box of boxes) box.addEventListener("change", families);

  section.querySelector(".measure").addEventListener("change", (event) => {
    const measure = event.target.value;
    section.querySelector(".measure-name").textContent = measure;
    table.rows().every(function () {
      const row = this.node();
      for (const cell of row.querySelectorAll("[data-group]")) {
        const [mean, low, high] = scores[row.dataset.system][measure][cell.dataset.group];
        cell.dataset.order = mean;
        cell.firstElementChild.textContent = mean.toFixed(3);
        cell.lastElementChild.textContent = low === null ? "–" : `${low.toFixed(3)}–${high.toFixed(3)}`;
      }
      this.invalidate("dom");
    });
    table.draw();
  });

  element.addEventListener("click", (event) => {
    const button = event.target.closest("tbody .system button");
    if (!button) return;
    const row = button.closest("tr");
    const child = table.row(row).child;
    const open = button.getAttribute("aria-expanded") === "true";
    if (open) child.hide();
    else child(section.querySelector(`template[data-detail="${row.dataset.system}"]`).innerHTML).show();
    button.setAttribute("aria-expanded", String(!open));
  });
}

// One panel below the other where three do not fit; expressions are interpreted, so the page needs no eval.
function draw(element, specification) {
  const spec = structuredClone(specification);
  const [text, line] = [css("--text"), css("--line")];
  const panels = narrow.matches ? 1 : spec.columns;
  spec.columns = panels;
  spec.spec.width = Math.max(140, (element.parentElement.clientWidth - (narrow.matches ? 160 : 220) - 25 * panels) / panels);
  vegaEmbed(element, spec, {
    ast: true,
    renderer: "svg",
    theme: dark.matches ? "dark" : undefined,
    actions: { export: true, source: false, compiled: false, editor: false },
    config: {
      background: "transparent", font: getComputedStyle(document.body).fontFamily,
      view: { stroke: line },
      axis: { labelColor: text, titleColor: text, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 12, titleFontWeight: 500, labelLimit: narrow.matches ? 135 : 200 },
      header: { labelColor: text, labelFontSize: 13, labelFontWeight: 600 },
      legend: { labelColor: text, titleColor: text, orient: "top", labelFontSize: 12, columns: narrow.matches ? 2 : 6 },
    },
  });
}
