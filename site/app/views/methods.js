// How the review is done: question, eligibility, searches as PRISMA-S asks, screening, the form, the checks.
import { html, said } from "../html.js";
import { picture } from "../frame.js";
import { separated } from "./list.js";

/** The charts that the page shows; of all others it gives the files. */
function timeLines({ charts }) {
  return charts.filter((chart) => chart.kind.startsWith("timeline_"));
}

export function picturesOf({ about }) {
  return timeLines(about).map((chart) => chart.svg);
}

/** Needs: summary, search, and the addresses of the time lines' pictures. */
export function render(context, { summary, search, pictures }) {
  const { about, words, names, file } = context;
  const told = summary.methods;
  const { framework, eligibility } = told;
  const frame = ["population", "concept", "context"].filter((key) => framework[key]);
  return html`<h1>${words.t("page.methods")}</h1>
    <section><h2>${words.t("question")}</h2><p>${names.question()}</p>
      <dl class="values">${frame.map((key) => html`<div><dt>${words.t(`framework.${key}`)}</dt><dd>${said(framework[key])}</dd></div>`)}</dl></section>
    <section><h2>${words.t("eligibility", { version: said(told.criteria_version) })}</h2>
      ${eligibility.include.length ? html`<h3>${words.t("include")}</h3><ul>${eligibility.include.map((one) => html`<li>${said(one)}</li>`)}</ul>` : ""}
      ${eligibility.exclude.length ? html`<h3>${words.t("exclude")}</h3><ul>${eligibility.exclude.map((one) => html`<li>${said(one.text)}</li>`)}</ul>` : ""}</section>
    <section><h2>${words.t("page.search")}</h2>${search.sources.map((source) => sourcePart(context, source))}
      <h3>${words.t("strategies")}</h3>${told.strategies.filter((one) => one.query).map(
        (one) => html`<h4>${said(one.name)}</h4><pre tabindex="0"><code dir="ltr">${one.query}</code></pre>`)}
      <p>${said(search.deduplication, "en", context.language)}</p>
      <details><summary>PRISMA-S</summary><table class="plain"><tbody>${search.prisma_s.map(
        (item) => html`<tr><th scope="row">${item.item}. ${said(item.name, "en", context.language)}</th><td>${said(item.told, "en", context.language)}</td></tr>`)}</tbody></table></details></section>
    <section><h2>${words.t("screening")}</h2><p>${words.t("screening.how", { count: told.screening.reviewers_per_report })}
      ${told.screening.blinded ? words.t("screening.blinded") : ""}
      ${separated(told.screening.stages.map((stage) => words.t(`stage.${stage}`)))}.</p></section>
    <section><h2>${words.t("form", { version: said(told.form_version) })}</h2><div class="scroll" tabindex="0" role="region" aria-label="${words.plain("form.table")}"><table class="plain"><caption class="unseen">${words.t("form.table")}</caption>
      <thead><tr><th scope="col">${words.t("form.field")}</th><th scope="col">${words.t("form.type")}</th><th scope="col">${words.t("form.options")}</th></tr></thead>
      <tbody>${told.fields.map((field) => html`<tr><th scope="row">${names.field(field.name)}${field.required ? html` <small>${words.t("form.required")}</small>` : ""}</th>
        <td>${words.t(`type.${field.type}`)}${field.unit ? html` (${said(field.unit)})` : ""}</td>
        <td>${separated(field.options.map((one) => names.option(field.name, one.value)))}${field.help ? html` <small class="below">${said(field.help)}</small>` : ""}</td></tr>`)}</tbody></table></div></section>
    <section><h2>${words.t("checks")}</h2><p>${words.t(summary.validation.passed ? "checks.passed" : "checks.failed")}
      ${file("validation.html") ? html`<a href="${file("validation.html")}">${words.t("download.checks")}</a>` : ""}</p></section>
    <section><h2>${words.t("living")}</h2>${livingPart(context)}</section>
    ${about.charts.length ? html`<section><h2>${words.t("charts")}</h2>${timeLines(about).map((chart, place) => {
        const title = names.chartText(chart, words);
        return picture(pictures[place], title, words.plain("chart.alt", { title }));
      })}
      <p>${words.t("charts.how")}</p><ul class="charts">${about.charts.map((chart) => chartPart(context, chart))}</ul></section>` : ""}`;
}

function sourcePart({ words }, source) {
  return html`<h3>${said(source.source)} <small>${said(source.platform)}</small></h3>
    <div class="scroll" tabindex="0" role="region" aria-label="${words.plain("runs.of", { source: source.source })}"><table class="plain"><caption class="unseen">${words.t("runs.of", { source: said(source.source) })}</caption>
    <thead><tr>${["day", "delivered", "new", "duplicates", "state"].map((key) => html`<th scope="col">${words.t(`runs.${key}`)}</th>`)}</tr></thead>
    <tbody>${source.runs.map((run) => html`<tr><td>${words.day(run.searched_at)}</td><td class="n">${words.number(run.delivered)}</td><td class="n">${words.number(run.new)}</td>
      <td class="n">${run.duplicates === null ? "" : words.number(run.duplicates)}</td><td>${words.t(`search.${run.state}`)}${run.warnings.map((one) => html`<br><small>${said(one, "en")}</small>`)}
      ${run.accepted ? html`<br><small>${words.t("accepted", { who: said(run.accepted.by), note: said(run.accepted.note) })}</small>` : ""}</td></tr>`)}</tbody></table></div>
    ${source.runs.length ? html`<details><summary>${words.t("runs.sent")}</summary>${different(source.runs).map(
      (run) => html`<p class="small">${words.day(run.searched_at)}</p><pre tabindex="0"><code dir="ltr">${run.query}</code></pre>${
        run.translation ? html`<p class="small">${words.t("runs.translation")}</p><pre tabindex="0"><code dir="ltr">${run.translation}</code></pre>` : ""}`)}</details>` : ""}`;
}

/** The runs whose query or translation differs from the run before. */
function different(runs) {
  return runs.filter((run, place) => !place || run.query !== runs[place - 1].query || run.translation !== runs[place - 1].translation);
}

function livingPart({ about, words }) {
  const { living } = about;
  const planned = Object.entries(living.schedule).filter(([, schedule]) => schedule);
  return html`<dl class="values"><div><dt>${words.t("state")}</dt><dd>${words.t(`status.${living.status}`)} ${living.reason ? said(living.reason) : ""}</dd></div>
    ${planned.map(([flow, schedule]) => html`<div><dt>${words.t(`schedule.${flow}`)}</dt><dd>${when(schedule, words)} <small>(${said(schedule.timezone)})</small></dd></div>`)}
    <div><dt>${words.t("retire")}</dt><dd>${living.retire_when ? said(living.retire_when) : words.t("retire.none")}</dd></div></dl>`;
}

/** A schedule in words: daily, weekly or monthly at a time; any other as it is written. */
function when({ cron }, words) {
  const [minute, hour, day, month, weekday] = cron.trim().split(/\s+/);
  const isNumber = (text) => /^\d+$/.test(text ?? "");
  const isAny = (text) => text === "*";
  if (isNumber(minute) && isNumber(hour) && isAny(month)) {
    const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
    if (isAny(day) && isAny(weekday)) return words.t("every.day", { time });
    if (isAny(day) && isNumber(weekday)) return words.t("every.week", { weekday: words.weekday(Number(weekday)), time });
    if (isNumber(day) && isAny(weekday)) return words.t("every.month", { day: words.number(Number(day)), time });
  }
  return html`<code dir="ltr">${cron}</code>`;
}

function chartPart({ file, names, words }, chart) {
  const kinds = [["svg", "SVG"], ["csv", "CSV"], ["json", "JSON"], ["vega_lite", "Vega-Lite"]].filter(([key]) => chart[key] && file(chart[key]));
  return html`<li>${names.chart(chart, words)}: ${separated(kinds.map(([key, name]) => html`<a href="${file(chart[key])}">${name}</a>`))}</li>`;
}
