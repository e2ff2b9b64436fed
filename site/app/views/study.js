// One study: its reports, what was charted, the words it rests on, retractions.
import { html, link, said } from "../html.js";
import { COUNTED } from "../selection.js";
import { marks, option, separated } from "./list.js";

/** Needs: list, study (of a part) or undefined if there is none of that id. */
export function render(context, { list, study: found }, params, id) {
  const { about, words, names, href } = context;
  const short = list.studies.find((one) => one.study_id === id);
  if (!short || !found) {
    return html`<h1>${words.t("study.none", { id })}</h1><p><a href="${href("studies")}">${words.t("study.all")}</a></p>`;
  }
  const first = found.reports[0];
  return html`<p class="crumb"><a href="${href("studies")}">${words.t("page.studies")}</a> · ${id}</p>
    <h1>${marks(short, context)}${said(short.title || words.t("untitled"))}</h1>
    <p>${said(first.citation)}</p>
    <p>${words.t("study.since", { day: words.day(found.included_on), version: short.first_version })}
      ${found.counted ? "" : short.charted ? words.t("retraction.not_counted") : words.t("mark.pending")}</p>
    ${charted(context, found)}
    <section><h2>${words.t("reports.title", { count: found.reports.length })}</h2>${found.reports.map((report) => reportPart(context, report))}</section>
    <nav class="pager" aria-label="${words.plain("pager")}"><ul>${neighbours(list.studies, short).map(
      ([rel, key, one]) => html`<li><a href="${href(`study/${one.study_id}`)}" rel="${rel}">${words.t(key)}</a></li>`,
    )}</ul></nav>`;

  function neighbours(all, one) {
    const place = all.indexOf(one);
    return [["prev", "prev", all[place - 1]], ["next", "next.page", all[place + 1]]].filter(([, , other]) => other);
  }

  function charted(inside, one) {
    if (!one.values) return html`<p>${words.t("study.uncharted")}</p>`;
    const { charting } = one;
    const rows = about.fields.map((field) => {
      const values = [one.values[field.name] ?? []].flat().filter((value) => value !== "");
      const quotes = one.quotes.filter((quote) => quote.field === field.name);
      if (!values.length && !quotes.length) return "";
      const told = values.map((value) =>
        COUNTED.includes(field.type)
          ? html`<a href="${href("studies", { [`f.${field.name}`]: value })}">${option(field.name, value, inside)}</a>`
          : html`${option(field.name, value, inside)}${field.unit ? html` ${said(field.unit)}` : ""}`,
      );
      return html`<tr><th scope="row">${names.field(field.name)}</th><td>${separated(told)}
        ${quotes.map((quote) => html`<blockquote>${said(quote.text)}${quote.location ? html` <cite>${said(quote.location)}</cite>` : ""}</blockquote>`)}</td></tr>`;
    });
    return html`<section><h2>${words.t("charted")}</h2><table class="plain charted"><tbody>${rows}</tbody></table>
      <p class="small">${words.t("charted.by", { who: said(charting.charted_by), form: charting.form_version })}
      ${charting.checked_by ? words.t("checked.by", { who: said(charting.checked_by) }) : ""}</p></section>`;
  }
}

function reportPart({ words }, report) {
  const { retraction } = report;
  const checked = retraction.checked_on ? words.t("retraction.checked", { day: words.day(retraction.checked_on) }) : "";
  const ids = [
    report.doi ? link(`https://doi.org/${report.doi}`, html`DOI ${said(report.doi)}`) : "",
    report.pmid ? link(`https://pubmed.ncbi.nlm.nih.gov/${encodeURIComponent(report.pmid)}/`, html`PMID ${said(report.pmid)}`) : "",
    report.pmcid ? link(`https://pmc.ncbi.nlm.nih.gov/articles/${encodeURIComponent(report.pmcid)}/`, said(report.pmcid)) : "",
    !report.doi && !report.pmid ? link(report.url, words.t("report")) : "",
  ].filter((one) => one !== "");
  return html`<div class="report"><p>${said(report.citation)}</p><p>${separated(ids)}</p>
    <p>${words.t("retraction.label")} <span class="mark ${retraction.state}">${words.t(`retraction.${retraction.state}`)}</span> ${checked}</p>
    ${retraction.notices.length ? html`<ul>${retraction.notices.map((notice) => html`<li>${words.t("retraction.notice")} ${said(notice.citation)}
      ${notice.pmid ? link(`https://pubmed.ncbi.nlm.nih.gov/${encodeURIComponent(notice.pmid)}/`, html`PMID ${said(notice.pmid)}`) : ""}</li>`)}</ul>` : ""}
    <p class="small">${words.t("report.sources")} ${separated(report.sources.map((one) => said(`${one.source} ${one.source_id}`)))}</p></div>`;
}
