// page.js: draws the report from the JSON in #data. Chart.js draws the curves; tables and maps are plain elements.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const statuses = ["done", "diverged", "failed", "timed out", "crashed"];
const number = (x) => (x === null || x === undefined ? "–" : Number.isInteger(x) && Math.abs(x) < 1e9 ? String(x) : Number(x).toPrecision(5));
// A swept value for headings: numbers of many digits are shortened, all else is as it is.
const brief = (u) => (String(u).length > 9 && u !== "" && Number.isFinite(Number(u)) ? String(Number(Number(u).toPrecision(4))) : String(u));
const text = (tag, content, name) => {
  const node = document.createElement(tag);
  node.textContent = content;
  if (name) node.className = name;
  return node;
};
const fill = (select, options, chosen) => {
  for (const [value, label] of options) select.add(new Option(label, value, false, value === chosen));
};
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const label = (trial) =>
  `${trial.number}: ` + (data.swept.map((path, i) => `${path.split(".").pop()}=${brief(trial.swept[i])}`).join(" ") || trial.id);
// From dark blue over green to yellow, for 0 <= t <= 1: dark and light stay apart for colour-blind readers too.
const shade = (t) => `hsl(${260 - 205 * t} ${55 + 30 * t}% ${22 + 55 * t}%)`;

by("name").textContent = data.name;
by("description").textContent = data.description;
const counts = statuses.map((name, i) => [name, data.trials.filter((t) => t.status === i).length]).filter((c) => c[1]);
by("counts").textContent = counts.map(([name, n]) => `${n} ${name}`).join(", ") + ` · attnlab ${data.version}`;

function table(parent, heads, rows) {
  const box = text("div", "", "scroll");
  const out = document.createElement("table");
  const top = out.createTHead().insertRow();
  for (const head of heads) top.append(text("th", head));
  const body = out.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const cell of row) line.append(cell instanceof Node ? cell : text("td", cell));
  }
  box.append(out);
  parent.replaceChildren(box);
}

function draw_trials() {
  table(by("trials"), ["trial", "id", ...data.swept, "status", "final loss", "final accuracy", "error"],
    data.trials.map((t) => [number(t.number), text("td", t.id, "text"), ...t.swept, text("td", statuses[t.status], t.status ? "bad" : "good"),
      number(t.final_loss), number(t.final_accuracy), text("td", t.error, "text")]));
}

function draw_claims() {
  if (!data.claims.length) return by("claims-section").remove();
  table(by("claims"), ["claim", "trials", "measured", "bound", "verdict", "sentence"],
    data.claims.map((c) => [text("td", c.claim, "text"), text("td", c.trials, "text"), number(c.measured), number(c.bound),
      text("td", c.holds ? "holds" : "does not hold", c.holds ? "good" : "bad"), text("td", c.sentence, "text")]));
}

let chart = null, log_y_is_open = true;  // until somebody chooses
function draw_curves() {
  const metric = by("metric").value;
  const colour = Number(by("colour").value);
  const groups = [...new Set(data.trials.map((t) => (colour < 0 ? t.number : t.swept[colour])))];
  const tint = (group) => shade(0.1 + (0.75 * groups.indexOf(group)) / Math.max(1, groups.length - 1));
  const datasets = [], good = [];
  for (const cohort of data.cohorts) {
    const series = cohort.series[metric];
    if (!series) continue;
    cohort.trials.forEach((n, row) => {
      const trial = data.trials.find((t) => t.number === n);
      if (!trial || !series[row]) return;
      if (trial.status === 0) for (const y of series[row]) if (y !== null) good.push(y);
      datasets.push({ label: label(trial), borderColor: tint(colour < 0 ? trial.number : trial.swept[colour]), borderWidth: 1.4, pointRadius: 0,
        data: cohort.record.map((step, i) => ({ x: by("log-x").checked ? step + 1 : step, y: series[row][i] })) });
    });
  }
  if (chart) chart.destroy();
  const [low, high] = good.length ? [good.reduce((a, b) => Math.min(a, b)), good.reduce((a, b) => Math.max(a, b))] : [0, 0];
  if (log_y_is_open) by("log-y").checked = low > 0 && high > 1000 * low;
  // Where trials diverge the others would be a line on the floor: the axis ends a little above those that are done.
  const beyond = high > 0 ? datasets.filter((d) => d.data.some((p) => p.y > 10 * high)).length : 0;
  const ink = getComputedStyle(document.body).color;
  const axis = (log, title) => ({ type: log ? "logarithmic" : "linear", title: { display: true, text: title, color: ink }, ticks: { color: ink } });
  chart = new Chart(by("curves"), { type: "line", data: { datasets }, options: { animation: false, parsing: false, maintainAspectRatio: false,
    interaction: { mode: "nearest", intersect: false }, plugins: { legend: { display: false } },
    scales: { x: axis(by("log-x").checked, by("log-x").checked ? "step + 1" : "step"), y: { ...axis(by("log-y").checked, metric), ...(beyond ? { max: by("log-y").checked ? 10 * high : 1.5 * high } : {}) } } } });
  const few = groups.length <= 12 ? groups : [groups[0], groups[Math.floor(groups.length / 2)], groups[groups.length - 1]];
  by("curves-legend").replaceChildren(...few.flatMap((group, i) => {
    const swatch = text("span", "", "swatch");
    swatch.style.background = tint(group);
    const name = colour < 0 ? label(data.trials.find((t) => t.number === group)) : `${data.swept[colour].split(".").pop()} = ${brief(group)}`;
    return [...(i && few.length < groups.length ? [text("span", "…")] : []), swatch, text("span", name)];
  }));
  by("curves-note").textContent = [
    data.shown < data.trials.length ? `Curves of ${data.shown} of ${data.trials.length} trials, evenly chosen.` : "",
    beyond ? `${beyond} of them leave the picture at the top.` : ""].join(" ").trim();
}

// What became of trials of which none is done.
const fate = (trials) => [...new Set(trials.map((t) => statuses[t.status]))].join(", ");

function draw_sweep() {
  const [x, y] = [Number(by("sweep-x").value), Number(by("sweep-y").value)];
  const key = by("sweep-value").value;
  const across = [...new Set(data.trials.map((t) => t.swept[x]))];
  const down = y < 0 ? [""] : [...new Set(data.trials.map((t) => t.swept[y]))];
  const cells = down.map((v) => across.map((u) => data.trials.filter((t) => t.swept[x] === u && (y < 0 || t.swept[y] === v))));
  const values_of = (trials) => trials.filter((t) => t.status === 0 && t[key] !== null).map((t) => t[key]);
  const middles = cells.map((row) => row.map((trials) => (values_of(trials).length ? median(values_of(trials)) : null)));
  const all = middles.flat().filter((m) => m !== null);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const scale = low > 0 && high > 100 * low ? Math.log : (m) => m;
  by("sweep-note").textContent = "Each cell is the median over the trials that share its two values and are done; hover for the spread." +
    (scale === Math.log ? " Colours are logarithmic." : "");
  table(by("sweep"), [y < 0 ? "" : data.swept[y], ...across.map((u) => `${data.swept[x].split(".").pop()} = ${brief(u)}`)],
    down.map((v, i) => [text("th", brief(v)), ...middles[i].map((m, j) => {
      const values = values_of(cells[i][j]), others = cells[i][j].length - values.length;
      const cell = text("td", m === null && others ? fate(cells[i][j]) : number(m), m === null ? "bad" : "");
      if (m !== null) {
        const t = high > low ? (scale(m) - scale(low)) / (scale(high) - scale(low)) : 0.5;
        cell.style.background = shade(t);
        cell.style.color = t > 0.4 ? "#000" : "#fff";
        cell.title = `${values.length} trials, ${number(Math.min(...values))} to ${number(Math.max(...values))}` + (others ? `; ${others} not done` : "");
      }
      return cell;
    })]));
}

function draw_map() {
  const map = data.maps[Number(by("map-trial").value)];
  const [sample, head] = [Number(by("map-sample").value), Number(by("map-head").value)];
  const step = Math.min(Number(by("map-step").value), map.steps.length - 1);
  by("map-step").max = map.steps.length - 1;
  by("map-step-text").textContent = map.steps[step];
  const weights = map.weights[step][head][sample];  // [query][key]
  const tokens = map.tokens ? map.tokens[sample] : null;
  const n = tokens && map.valid ? map.valid[sample] : weights[0].length;
  const rows = weights.filter((row) => row.some((w) => w !== null)).map((row) => row.slice(0, n));
  const top = Math.max(...rows.flat().filter((w) => w !== null), 1e-30);
  const canvas = by("map"), pen = canvas.getContext("2d"), edge = n <= 40 ? 34 : 4;
  const size = (canvas.width - edge) / n, tall = Math.min(size, (canvas.height - edge) / rows.length);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.font = "11px system-ui";
  pen.fillStyle = getComputedStyle(document.body).color;
  const name = (i) => (tokens ? String(tokens[i]) : String(i));
  if (edge > 10) for (let i = 0; i < n; ++i) {
    pen.fillText(name(i), edge + (i + 0.3) * size, 20);
    if (rows.length > 1) pen.fillText(name(i), 4, edge + (i + 0.6) * tall);
  }
  rows.forEach((row, i) => row.forEach((w, j) => {
    pen.fillStyle = w === null ? "#888" : shade(w / top);
    pen.fillRect(edge + j * size, edge + i * tall, Math.ceil(size), Math.ceil(tall));
    if (w === null || n > 10) return;
    pen.fillStyle = w / top > 0.4 ? "#000" : "#fff";
    pen.fillText(w.toPrecision(3), edge + (j + 0.5) * size - 14, edge + (i + 0.5) * tall + 4);
  }));
  by("map-note").textContent = `Rows ask, columns are seen${tokens ? "; labels are token ids" : ""}. Brightest: ${number(top)}.`;
}

function draw_landscape() {
  const slice = data.landscapes[Number(by("landscape-trial").value)];
  const canvas = by("landscape"), pen = canvas.getContext("2d"), n = slice.axis.length, size = canvas.width / n;
  const known = slice.loss.flat().filter((l) => l !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const scale = (l) => (by("landscape-log").checked && least > 0 ? Math.log(l) : l);
  slice.loss.forEach((row, i) => row.forEach((l, j) => {
    pen.fillStyle = l === null ? "#888" : shade((scale(l) - scale(least)) / (scale(most) - scale(least) || 1));
    pen.fillRect(i * size, canvas.height - (j + 1) * size, Math.ceil(size), Math.ceil(size));
  }));
  by("landscape-note").textContent = `Right: alpha, up: beta, from ${number(slice.axis[0])} to ${number(slice.axis[n - 1])}; the trained weights are in the middle. ` +
    `Loss ${number(least)} (dark) to ${number(most)}. Roughness ${number(slice.roughness)}, local minima ${number(slice.minima)}, negative curvature ` +
    `${number(slice.negative_curvature_share)}, basin ${number(slice.basin_share)}, largest Hessian eigenvalue ${number(slice.sharpness)}.`;
}

const metrics = [...new Set(data.cohorts.flatMap((c) => Object.keys(c.series)))];
if (metrics.length) {
  fill(by("metric"), metrics.map((m) => [m, m]), "loss");
  fill(by("colour"), [["-1", "trial"], ...data.swept.map((path, i) => [String(i), path])], data.swept.length ? "0" : "-1");
  for (const id of ["metric", "colour", "log-x", "log-y"]) by(id).addEventListener("change", () => {
    if (id === "log-y") log_y_is_open = false;
    draw_curves();
  });
  draw_curves();
} else by("curves-section").remove();
if (data.swept.length) {
  fill(by("sweep-x"), data.swept.map((path, i) => [String(i), path]), "0");
  fill(by("sweep-y"), [["-1", "(nothing)"], ...data.swept.map((path, i) => [String(i), path])], data.swept.length > 1 ? "1" : "-1");
  fill(by("sweep-value"), [["final_loss", "final loss"], ["final_accuracy", "final accuracy"]], "final_loss");
  for (const id of ["sweep-x", "sweep-y", "sweep-value"]) by(id).addEventListener("change", draw_sweep);
  draw_sweep();
} else by("sweep-section").remove();
if (data.maps.length) {
  fill(by("map-trial"), data.maps.map((m, i) => [String(i), label(data.trials.find((t) => t.number === m.trial))]), "0");
  fill(by("map-sample"), data.maps[0].samples.map((s, i) => [String(i), String(s)]), "0");
  fill(by("map-head"), data.maps[0].heads.map((h, i) => [String(i), h]), "0");
  by("map-step").max = data.maps[0].steps.length - 1;
  by("map-step").value = data.maps[0].steps.length - 1;
  for (const id of ["map-trial", "map-sample", "map-head", "map-step"]) by(id).addEventListener("input", draw_map);
  draw_map();
} else by("attention-section").remove();
if (data.landscapes.length) {
  fill(by("landscape-trial"), data.landscapes.map((l, i) => [String(i), label(data.trials.find((t) => t.number === l.trial))]), "0");
  for (const id of ["landscape-trial", "landscape-log"]) by(id).addEventListener("input", draw_landscape);
  draw_landscape();
} else by("landscape-section").remove();
draw_claims();
draw_trials();
