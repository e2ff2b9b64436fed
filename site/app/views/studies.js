// All studies: search, filter by any field, sort, share the filter as a link, download the selection.
import { flag, html } from "../html.js";
import { select } from "../frame.js";
import { chosen, COUNTED, MISSING, ordered, readSelection, STATES, tally, writeSelection } from "../selection.js";
import { entry, LISTED, option, pager } from "./list.js";

/** Values of a filter that are shown at once. */
const SHOWN = 12;

/** Needs: list. What can be ticked is worked out from the studies that meet the rest of the selection. */
export function render(context, { list }, params) {
  const { about, words, href } = context;
  const selection = readSelection(params);
  const found = ordered(chosen(list.studies, selection, about.version), selection.sort, context.language);
  const pages = Math.max(1, Math.ceil(found.length / LISTED));
  const page = Math.min(selection.page, pages);
  const shown = found.slice((page - 1) * LISTED, page * LISTED);
  const orders = ["", "-year", "year", "title", "authors", "-included"].map((one) => [one, words.t(`sort.${one || "id"}`)]);
  return html`<h1>${words.t("page.studies")}</h1>
    <form id="filter" class="filter" role="search">
      <div class="line"><label class="grow">${words.t("search")} <input type="search" name="q" value="${selection.q}" autocomplete="off" placeholder="${words.plain("search.in")}"></label>
        ${select("sort", words.t("sort"), orders, selection.sort)}</div>
      <div class="facets">${stateFacet(context, list.studies, selection)}${facets(context, list.studies, selection)}</div>
    </form>
    <div class="line results"><p id="found" role="status">${words.t("found", { count: found.length, all: list.studies.length })}</p>
      <ul class="inline"><li><a href="${href("studies")}">${words.t("filter.clear")}</a></li>
        <li><button type="button" class="plain" data-do="share">${words.t("share")}</button></li>
        ${["csv", "ris", "json"].map((kind) => html`<li><button type="button" class="plain" data-do="${kind}">${words.t("download.as", { kind: kind.toUpperCase() })}</button></li>`)}
      </ul></div>
    ${found.length
      ? html`<ol class="studies" start="${(page - 1) * LISTED + 1}">${shown.map((study) => entry(study, context))}</ol>`
      : html`<p class="empty">${words.t("found.none")}</p>`}
    ${pages > 1
      ? pager(context, page, pages, (one) => href("studies", writeSelection({ ...selection, page: one })))
      : ""}`;
}

/** The studies of the selection, in its order: what a download holds. */
export function selected(context, { list }, params) {
  const selection = readSelection(params);
  return ordered(chosen(list.studies, selection, context.about.version), selection.sort, context.language);
}

function stateFacet({ about, words }, all, selection) {
  const possible = chosen(all, selection, about.version, "state");
  const rows = Object.keys(STATES)
    .map((state) => [state, possible.filter((study) => STATES[state](study, about.version)).length])
    .filter(([state, count]) => count || selection.state.includes(state));
  if (!rows.length) return "";
  return facet("state", words.t("state"), rows.map(([state, count]) => [state, words.t(`state.${state}`), count]), selection.state, words);
}

function facets(context, all, selection) {
  const { about, names, words } = context;
  return about.fields
    .filter((field) => COUNTED.includes(field.type))
    .map((field) => {
      const wanted = selection.fields.get(field.name) ?? [];
      const counts = tally(chosen(all, selection, about.version, field.name), field.name);
      for (const one of wanted) if (!counts.has(one)) counts.set(one, 0);
      const order = orderOf(field, names);
      const rows = [...counts]
        .sort(([a, m], [b, n]) => order(a) - order(b) || n - m || (a < b ? -1 : 1))
        .map(([value, count]) => [value, value === MISSING ? words.t("missing") : option(field.name, plainOf(field, value), context), count]);
      return rows.length ? facet(`f.${field.name}`, names.field(field.name), rows, wanted, words) : "";
    });
}

function plainOf(field, value) {
  return field.type === "boolean" ? value === "true" : value;
}

/** The form's order of a field's values; those it does not list by count, missing answers last. */
function orderOf(field, names) {
  const options = names.isTypology(field.name) ? [...names.models.keys()] : field.options.map((one) => one.value);
  return (value) => (value === MISSING ? 1e6 : options.includes(value) ? options.indexOf(value) : 1e5);
}

function facet(name, title, rows, wanted, words) {
  const line = ([value, label, count]) => html`<li><label><input type="checkbox" name="${name}" value="${value}"${flag("checked", wanted.includes(String(value)))}> ${label} <span class="n">${words.number(count)}</span></label></li>`;
  const first = rows.filter(([value], place) => place < SHOWN || wanted.includes(String(value)));
  const rest = rows.filter((row) => !first.includes(row));
  return html`<details class="facet" data-facet="${name}"${flag("open", wanted.length)}><summary>${title}${wanted.length ? html` <span class="n">${words.number(wanted.length)}</span>` : ""}</summary>
    <ul>${first.map(line)}</ul>
    ${rest.length ? html`<details data-facet="${name}+"><summary>${words.t("more.values", { count: rest.length })}</summary><ul>${rest.map(line)}</ul></details>` : ""}</details>`;
}
