// One study as an entry of a list, and the pages of the list that are made at publication.
import { html, link, said } from "../html.js";

/** Studies on one page. */
export const LISTED = 100;

/** What a reader must see wherever a study is named: retracted, doubted, corrected; new in this version; not charted. */
export function marks(study, { words, about, since }) {
  const told = [];
  const state = since?.retracted.get(study.study_id) ?? study.retraction;
  const isLater = state !== study.retraction;
  if (state === "unknown") told.push(html`<span class="mark unknown">${words.t("retraction.unknown")}</span>`);
  else if (state !== "none") told.push(html`<strong class="mark ${state}">${words.t(`retraction.${state}`)}${isLater ? html` ${words.t("retraction.since")}` : ""}</strong>`);
  if (about.version > 1 && study.first_version === about.version) told.push(html`<span class="mark new">${words.t("mark.new")}</span>`);
  if (!study.charted) told.push(html`<span class="mark pending">${words.t("mark.pending")}</span>`);
  return told.map((one) => html`${one} `);
}

/** One entry: title, authors, journal and year, the first charted values. */
export function entry(study, context) {
  const { href, words } = context;
  const where = [study.journal, study.year].filter(Boolean).join(", ");
  return html`<li class="study" id="${study.study_id}">
    <h2>${marks(study, context)}<a href="${href(`study/${study.study_id}`)}">${said(study.title || words.t("untitled"))}</a></h2>
    <p>${study.authors ? html`${said(study.authors)}. ` : ""}${where ? said(where) : ""}
      ${study.url ? html`<span class="out">${link(study.url, study.doi ? "DOI" : study.pmid ? "PubMed" : words.t("report"))}</span>` : ""}</p>
    ${values(study, context)}</li>`;
}

function values(study, { about, names, words }) {
  const told = about.tables
    .filter((table) => table.rows.length)
    .map((table) => [table.field, [study.values?.[table.field] ?? []].flat()])
    .filter(([, found]) => found.length)
    .slice(0, 6);
  if (!told.length) return "";
  return html`<dl class="values">${told.map(
    ([field, found]) => html`<div><dt>${names.field(field)}</dt><dd>${separated(
      found.map((value) => option(field, value, { names, words })),
    )}</dd></div>`,
  )}</dl>`;
}

export function option(field, value, { names, words }) {
  if (value === true || value === false) return words.t(value ? "yes" : "no");
  const { type } = names.fields.get(field) ?? {};
  if (type === "number" || type === "integer") return words.number(value);
  return (type === "date" && words.day(value)) || names.option(field, value);
}

export function separated(pieces, by = html`, `) {
  return pieces.map((piece, place) => html`${place ? by : ""}${piece}`);
}

/** The list without JavaScript: `shown` is page `number` (from 1) of `all` studies. */
export function listPage(context, shown, number, all) {
  const { words } = context;
  const pages = Math.max(1, Math.ceil(all / LISTED));
  return html`<h1>${words.t("page.studies")}</h1>
    <p>${words.t("studies", { count: all })}</p>
    <ol class="studies" start="${(number - 1) * LISTED + 1}">${shown.map((study) => entry(study, context))}</ol>
    ${pages > 1 ? pager(context, number, pages, (page) => context.listHref(page)) : ""}`;
}

export function pager({ words }, number, pages, hrefOf) {
  const step = (page, rel, key) => (page >= 1 && page <= pages ? html`<li><a href="${hrefOf(page)}" rel="${rel}">${words.t(key)}</a></li>` : "");
  return html`<nav class="pager" aria-label="${words.plain("pager")}"><ul>${step(number - 1, "prev", "prev")}
    <li>${words.t("page.of", { page: number, pages })}</li>${step(number + 1, "next", "next.page")}</ul></nav>`;
}
