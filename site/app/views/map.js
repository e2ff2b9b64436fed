// The evidence map: studies by two fields (and a third), where there are many and where there are none.
import { counted } from "../bars.js";
import { html } from "../html.js";
import { decoded, select } from "../frame.js";
import { COUNTED, MISSING, STATES, valuesOf } from "../selection.js";
import { option, separated } from "./list.js";
import { cited } from "./typology.js";

/** Diameter of the largest bubble, in pixels. */
const LARGEST = 26;

/** Needs: list. */
export function render(context, { list }, params) {
  const { about, words, names } = context;
  const fields = about.fields.filter((field) => COUNTED.includes(field.type));
  if (fields.length < 2) return html`<h1>${words.t("page.map")}</h1><p>${words.t("map.none")}</p>`;
  const preset = about.crosstabs[0] ?? [];
  const known = (name) => fields.some((field) => field.name === name);
  const rows = pick(params.get("rows"), preset[0], fields[0].name);
  const columns = pick(params.get("columns"), preset[1], fields.find((field) => field.name !== rows).name);
  const by = known(params.get("by")) ? params.get("by") : "";
  const cell = (params.get("cell") ?? "").split("|").map(decoded);

  function pick(...names_) {
    return names_.find((name) => name && known(name));
  }

  const shown = list.studies.filter((study) => study.counted);
  const options = fields.map((field) => [field.name, names.fieldText(field.name)]);
  const parts = by
    ? levelsOf(shown, by, context).map((value) => [value, shown.filter((study) => hasValue(study, by, value))])
    : [["", shown]];
  const wanted = [[rows, cell[0]], [columns, cell[1]], ...(by ? [[by, cell[2]]] : [])];
  const here = { rows, columns, ...(by ? { by } : {}) };
  const most = Math.max(1, ...parts.flatMap(([, studies]) => [...crossed(studies, rows, columns).values()].map((inside) => inside.length)));
  const byId = new Map(list.studies.map((study) => [study.study_id, study]));
  return html`<h1>${words.t("page.map")}</h1><p>${words.t("map.how")}</p>
    <form id="axes" class="line">${select("rows", words.t("map.rows"), options, rows)}${select("columns", words.t("map.columns"), options, columns)}
      ${select("by", words.t("map.by"), [["", words.t("map.by.none")], ...options], by)}</form>
    ${parts.map(([value, studies], place) => html`${by ? html`<h2 id="map-${place}">${level(by, value, context)}</h2>` : ""}${grid(context, studies, { ...here, value, most, cell, place })}`)}
    <p class="legend small">${words.t("map.legend")}</p>
    <div id="cell" tabindex="-1" aria-live="polite">${cell.length >= 2 ? cellPart(context, shown, byId, wanted) : ""}</div>`;
}

/** What the cell with the `wanted` pairs of field and value holds. */
function cellPart(context, studies, byId, wanted) {
  const { about, words, href } = context;
  const isThere = wanted.every(([field, value]) => levelsOf(studies, field, context).includes(value));
  if (!isThere) return html`<p class="notice">${words.t("map.unknown")}</p>`;
  const inside = studies.filter((study) => wanted.every(([field, value]) => hasValue(study, field, value)));
  const selection = pairs(wanted, counted(about));
  return html`<h2>${separated(wanted.map(([field, value]) => level(field, value, context)), html` × `)}</h2>
        ${cited(context, inside.map((study) => study.study_id), byId, true, selection)}
        <p><a href="${href("studies", selection)}">${words.t("map.in_list")}</a></p>`;
}

function pairs(given, more) {
  const params = new URLSearchParams(more);
  for (const [field, value] of given) params.append(`f.${field}`, value);
  return params;
}

function hasValue(study, field, value) {
  const values = valuesOf(study, field);
  return value === MISSING ? !values.length : values.includes(value);
}

function level(field, value, context) {
  if (value === MISSING) return context.words.t("missing");
  return option(field, context.names.fields.get(field)?.type === "boolean" ? value === "true" : value, context);
}

/** A field's values in the form's order, also those no study has: gaps are what a map is for. Missing answers last. */
function levelsOf(studies, field, { names }) {
  const found = new Set(studies.flatMap((study) => valuesOf(study, field)));
  const form = names.isTypology(field) ? [...names.models.keys()] : names.fields.get(field).options.map((one) => one.value);
  const rest = [...found].filter((value) => !form.includes(value)).sort();
  const missing = studies.some((study) => !valuesOf(study, field).length) ? [MISSING] : [];
  return [...form, ...rest, ...missing];
}

function crossed(studies, rows, columns) {
  const cells = new Map();
  for (const study of studies) {
    const across = valuesOf(study, columns);
    const down = valuesOf(study, rows);
    for (const row of down.length ? down : [MISSING]) {
      for (const column of across.length ? across : [MISSING]) {
        const key = `${encodeURIComponent(row)}|${encodeURIComponent(column)}`;
        if (!cells.has(key)) cells.set(key, []);
        cells.get(key).push(study);
      }
    }
  }
  return cells;
}

function grid(context, studies, { rows, columns, by, value, most, cell, place }) {
  const { about, words, names, href } = context;
  const across = levelsOf(studies, columns, context);
  const cells = crossed(studies, rows, columns);
  const square = (row, column) => {
    const key = `${encodeURIComponent(row)}|${encodeURIComponent(column)}`;
    const inside = cells.get(key) ?? [];
    if (!inside.length) return html`<td class="gap"><span class="unseen">0</span></td>`;
    const fresh = inside.filter((study) => STATES.new(study, about.version)).length;
    const bad = inside.filter((study) => ["retracted", "expression_of_concern"].includes(study.retraction)).length;
    const isChosen = cell[0] === row && cell[1] === column && (!by || cell[2] === value);
    const target = href("map", { rows, columns, ...(by ? { by } : {}), cell: by ? `${key}|${encodeURIComponent(value)}` : key });
    const size = (8 + (LARGEST - 8) * Math.sqrt(inside.length / most)).toFixed(1);
    return html`<td><a href="${target}" class="cell"${isChosen ? html` aria-current="true"` : ""}><svg aria-hidden="true" width="28" height="28" viewBox="-14 -14 28 28"><circle r="${size / 2}"${fresh ? html` class="fresh"` : ""}/>${
      bad ? html`<path d="M-4-4 4 4M4-4-4 4" class="bad"/>` : ""}</svg><span>${words.number(inside.length)}</span><span class="unseen"> ${words.t("map.cell", {
        row: level(rows, row, context), column: level(columns, column, context) })}${fresh ? html`; ${words.t("map.fresh", { count: fresh })}` : ""}${
        bad ? html`; ${words.t("map.bad", { count: bad })}` : ""}</span></a></td>`;
  };
  const name = by ? html`aria-labelledby="map-${place}"` : html`aria-label="${words.plain("page.map")}"`;
  return html`<div class="scroll" tabindex="0" role="region" ${name}><table class="map"><thead><tr><td><span class="unseen">${names.field(rows)}</span></td>${across.map(
    (column) => html`<th scope="col">${level(columns, column, context)}</th>`)}</tr></thead>
    <tbody>${levelsOf(studies, rows, context).map((row) => html`<tr><th scope="row">${level(rows, row, context)}</th>${across.map((column) => square(row, column))}</tr>`)}</tbody></table></div>`;
}
