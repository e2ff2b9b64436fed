// What is known, in one screen: the question, the answer in numbers, the typology, the last search, what is new.
import { bars, fieldRows, numbersText } from "../bars.js";
import { html, said } from "../html.js";
import { authors } from "../frame.js";

/** Needs nothing but overview.json; shares its name with no other page, as it is also made at publication. */
export function overview(context) {
  const { about, words, names, href } = context;
  return html`
    <h1>${names.titleHtml()}</h1>
    <p class="question">${names.question()}</p>
    ${numbers(context)}
    <div class="columns">
      ${about.typology ? typologyPart(context) : ""}
      <div>${whatsNew(context)}${retracted(context)}${searches(context)}</div>
    </div>
    ${about.tables.length
      ? html`<section><h2>${words.t("overview.fields")}</h2><div class="cards">${about.tables.map((table) => card(context, table))}</div>
        <p><a href="${href("map")}">${words.t("overview.map")}</a></p></section>`
      : ""}
    ${about.authors.length ? html`<section><h2>${words.t("authors")}</h2>${authors(about)}</section>` : ""}`;
}

function numbers({ about, words, href }) {
  const { counts } = about;
  const told = [
    ["included_studies", counts.included_studies, href("studies")],
    ["included_reports", counts.included_reports, href("flow")],
    ["charted_studies", counts.charted_studies, ""],
    ...(counts.retracted_studies ? [["retracted_studies", counts.retracted_studies, href("studies", { state: "retracted" })]] : []),
  ];
  const waiting = about.not_yet_incorporated;
  return html`<dl class="numbers">${told.map(
    ([key, count, address]) => html`<div><dt>${words.t(`count.${key}`)}</dt><dd>${
      address ? html`<a href="${address}">${words.number(count)}</a>` : words.number(count)}</dd></div>`,
  )}</dl>
  <p>${waiting.reports || waiting.studies
    ? words.t("waiting", {
        reports: words.t("waiting.reports", { count: waiting.reports }),
        studies: words.t("waiting.studies", { count: waiting.studies }),
      })
    : words.t("waiting.none")}</p>`;
}

function typologyPart(context) {
  const { about, words, names, href } = context;
  const { typology } = about;
  const rows = typology.models.map((model) => ({
    label: names.model(model.id),
    remark: model.definition ? names.definition(model.id) : names.isNameless(model.id) ? words.t("nameless") : "",
    count: model.count,
    share: model.share,
    href: href("typology", { model: model.id }),
  }));
  if (typology.without_model) rows.push({ label: words.t("without_model"), count: typology.without_model, isMissing: true });
  return html`<section><h2>${names.field(typology.field)}</h2>
    ${bars(rows, { caption: words.t("of_studies", { count: typology.asked }), words })}
    ${typology.many ? html`<p class="small">${words.t("many")}</p>` : ""}</section>`;
}

function whatsNew(context) {
  const { about, words, href } = context;
  const told = about.whats_new;
  const counts = ["new_studies", "changed_studies", "removed_studies"].filter((name) => told.counts[name]);
  const said_ = counts.map((name) => html`<li>${words.t(`new.${name}`, { count: told.counts[name] })}</li>`);
  const other = ["methods", "authors", "status"].filter((name) => told.counts[name]).map((name) => html`<li>${words.t(`new.${name}`)}</li>`);
  return html`<section><h2>${words.t("new.title", { version: about.version })}</h2>
    <p>${words.t(`kind.${told.kind}`)} ${words.day(about.published_at)}</p>
    ${said_.length || other.length ? html`<ul>${said_}${other}</ul>` : html`<p>${words.t("new.nothing")}</p>`}
    ${told.new_studies.length && told.kind !== "first"
      ? html`<ul class="cited">${told.new_studies.map(
          (study) => html`<li><a href="${href(`study/${study.study_id}`)}">${said(study.citation)}</a></li>`,
        )}</ul>`
      : ""}
    <p><a href="${href("history")}">${words.t("new.history")}</a></p></section>`;
}

function retracted({ about, words, href }) {
  if (!about.retracted.length) return "";
  return html`<section class="retracted"><h2>${words.t("retracted.title")}</h2><ul class="cited">${about.retracted.map(
    (one) => html`<li><strong class="mark ${one.state}">${words.t(`retraction.${one.state}`)}</strong>
      <a href="${href(`study/${one.study_id}`)}">${said(one.citation)}</a>
      ${one.notices.map((notice) => html`<br><small>${words.t("retraction.notice")} ${said(notice.citation || notice.pmid)}</small>`)}
      ${one.counted ? "" : html`<br><small>${words.t("retraction.not_counted")}</small>`}</li>`,
  )}</ul></section>`;
}

function searches({ about, words, href, pointer }) {
  const last = pointer?.last_searched ?? {};
  const rows = about.searches.map((search) => {
    const day = last[search.source] ?? search.last_searched;
    return html`<tr><th scope="row">${said(search.source)}</th><td>${day ? words.day(day) : words.t("never")}</td>
      <td>${words.t(`search.${search.state}`)}</td></tr>`;
  });
  return html`<section><h2>${words.t("searches.title")}</h2>
    <table class="plain"><thead><tr><th scope="col">${words.t("source")}</th><th scope="col">${words.t("searches.last")}</th>
      <th scope="col">${words.t("searches.state")}</th></tr></thead><tbody>${rows}</tbody></table>
    <p><a href="${href("methods")}">${words.t("searches.more")}</a></p></section>`;
}

function card(context, table) {
  const { words, names } = context;
  const most = 5;
  const rows = fieldRows(table, context, most);
  const more = table.rows.filter((row) => row.count).length - rows.length;
  return html`<section class="card"><h3>${names.field(table.field)}</h3>
    ${table.rows.length
      ? html`${bars(rows, { caption: names.field(table.field), words, hideCaption: true })}
        ${more > 0 ? html`<p class="small">${words.t("more.values", { count: more })}</p>` : ""}`
      : numbersText(table, context)}
    ${table.missing.count ? html`<p class="small">${words.t("missing.count", { count: table.missing.count })}</p>` : ""}</section>`;
}

export const render = overview;
