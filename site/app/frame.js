// What every page shares: head line, status, navigation, notices, foot.
import { flag, html, link, said } from "./html.js";

/** A part of an address as text; one that was cut or mistyped stays as it is. */
export function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

const PAGES = ["overview", "typology", "map", "studies", "flow", "methods", "history"];

/** The pages a review has: one without a typology has no such page. */
function pagesOf(about) {
  return PAGES.filter((page) => page !== "typology" || about.typology);
}

/** The living badge: status, last search, next one. */
export function badge(context) {
  const { about, words } = context;
  const pointer = context.pointer ?? {};
  const status = pointer.status ?? about.living.status;
  const last = lastSearch(about, pointer);
  const next = nextSearch(about, pointer);
  return html`<p class="badge ${status}">
    <strong>${words.t(`status.${status}`)}</strong>
    ${last
      ? html`<span>${words.t("searched", { day: words.day(last.day) })}${last.isAll ? "" : html` (${said(last.sources.join(", "))})`}</span>`
      : html`<span>${words.t("searched.never")}</span>`}
    ${status === "living" && next ? html`<span>${words.t("next", { day: words.day(dayIn(next, about.living.schedule.refresh?.timezone)) })}</span>` : ""}
    ${status !== "living" && about.living.reason ? html`<span>${said(about.living.reason)}</span>` : ""}
  </p>`;
}

/** The day of the latest search that did not fail, and which sources were searched then; nothing where none was. */
function lastSearch(about, pointer = {}) {
  const told = pointer.last_searched
    ? Object.entries(pointer.last_searched)
    : about.searches.map((search) => [search.source, search.last_searched]);
  const known = told.filter(([, moment]) => moment).map(([source, moment]) => [source, new Date(moment).toISOString().slice(0, 10)]);
  const last = known.map(([, day]) => day).sort().at(-1);
  return last && { day: last, sources: known.filter(([, day]) => day === last).map(([source]) => source), isAll: known.every(([, day]) => day === last) };
}

/** A picture of ours on its white paper, which scrolls where it is wider than the page. */
export function picture(address, name, alt) {
  return html`<div class="scroll picture" tabindex="0" role="region" aria-label="${name}"><img src="${address}" crossorigin="anonymous" alt="${alt}"></div>`;
}

/** The day of a moment where the review is at home: its schedule has a time zone. */
function dayIn(moment, timeZone = "UTC") {
  return new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(moment));
}

function nextSearch(about, pointer = {}) {
  const planned = Object.values(pointer.next_search ?? about.living.next_searches);
  return planned.map((moment) => new Date(moment).toISOString()).sort()[0];
}

export function header(context, page, { hasBadge = true } = {}) {
  const { about, words, names, href } = context;
  const entries = pagesOf(about).map(
    (one) => html`<li><a href="${href(one)}"${one === page ? html` aria-current="page"` : ""}>${words.t(`page.${one}`)}</a></li>`,
  );
  return html`<header class="top">
    <a class="skip" href="#main">${words.t("skip")}</a>
    <div class="wide">
      ${page === "overview" ? "" : html`<p class="name"><a href="${href("overview")}">${names.titleHtml()}</a></p>`}
      ${hasBadge ? badge(context) : ""}
      <div class="tools">
        <nav class="languages" aria-label="${words.plain("languages")}"><ul>${context.languages.map(
          ([tag, name]) =>
            html`<li><a href="${context.languageHref(tag)}" lang="${tag}" hreflang="${tag}"${
              tag === context.language ? html` aria-current="true"` : ""
            }>${name}</a></li>`,
        )}</ul></nav>
        <button type="button" id="theme" class="plain" hidden>${words.t("theme")}</button>
      </div>
    </div>
    <nav class="pages wide" aria-label="${words.plain("pages")}"><ul>${entries}</ul></nav>
  </header>`;
}

/** What a reader must know before reading on: an older version, one that was taken back, a newer one. */
export function notices(context) {
  const { about, words, newest, pointer, since } = context;
  const told = [];
  const back = pointer?.notice;
  if (newest && newest > about.version) {
    told.push(html`<p class="notice">${words.t("notice.older", { version: about.version, newest })}
      <a href="${context.newestHref()}" data-do="newest">${words.t("notice.newest")}</a></p>`);
  }
  if (since?.back) told.push(html`<p class="notice">${words.t("rolled_back", { day: words.day(since.back.on) })} ${said(since.back.reason)}</p>`);
  if (back && newest === about.version) {
    told.push(html`<p class="notice">${words.t("notice.back", { version: back.from, day: words.day(back.on) })} ${said(back.reason)}</p>`);
  }
  if (about.living.status === "retired") told.push(html`<p class="notice">${words.t("notice.retired")} ${said(about.living.reason)}</p>`);
  if (about.living.status === "paused") told.push(html`<p class="notice">${words.t("notice.paused")} ${said(about.living.reason)}</p>`);
  return told;
}

export function footer(context) {
  const { about, words, file } = context;
  const downloads = [
    ["studies.csv", "CSV"],
    ["studies.json", "JSON"],
    ["included.ris", "RIS"],
    ["citation.bib", "BibTeX"],
    ["citation.cff", "CFF"],
    ["search.json", words.t("download.search")],
    ["prisma.csv", words.t("download.flow")],
    ["validation.html", words.t("download.checks")],
  ].filter(([name]) => file(name));
  return html`<footer class="wide">
    <section><h2>${words.t("cite")}</h2><p class="cite">${said(about.citation)}</p>
      <p>${words.t("version.published", { version: about.version, day: words.day(about.published_at) })}
        ${about.review.licence ? words.t("licence", { licence: said(about.review.licence) }) : ""}</p></section>
    <section><h2>${words.t("downloads")}</h2><ul class="inline">${downloads.map(
      ([name, label]) => html`<li><a href="${file(name)}" download>${label}</a></li>`,
    )}</ul>
      <p><a href="${context.feed}" type="application/atom+xml">${words.t("feed")}</a></p></section>
    <p class="small">${said(about.disclaimer, "en", context.language)}</p>
  </footer>`;
}

/** Authors with roles and places of work. */
export function authors(about) {
  return html`<ul class="authors">${about.authors.map(
    (one) => html`<li>${said(one.name)}${one.orcid ? html` (${link(orcid(one.orcid), "ORCID")})` : ""}${
      one.role ? html`, ${said(one.role)}` : ""}${one.affiliation ? html`, ${said(one.affiliation)}` : ""}</li>`,
  )}</ul>`;
}

function orcid(id) {
  return id.startsWith("https://") ? id : `https://orcid.org/${id}`;
}

export function select(name, label, options, chosen) {
  return html`<label>${label} <select name="${name}">${options.map(
    ([value, text]) => html`<option value="${value}"${flag("selected", value === chosen)}>${text}</option>`,
  )}</select></label>`;
}
