// Every version, what it changed, its permanent address; what changed since any earlier one.
import { html, said } from "../html.js";
import { select } from "../frame.js";
import { composed } from "../changes.js";

/** Needs: history (of the newest version). */
export function render(context, { history: told }, params) {
  const { about, words } = context;
  const versions = told.versions;
  const earlier = versions.filter((one) => one.version < about.version);
  const since = earlier.find((one) => String(one.version) === params.get("since"));
  return html`<h1>${words.t("page.history")}</h1>
    ${earlier.length
      ? html`<section><h2>${words.t("compare")}</h2><form id="compare" class="line">${select(
          "since", words.t("compare.since"),
          [["", words.t("compare.choose")], ...[...earlier].reverse().map((one) => [String(one.version), words.plain("version", { version: one.version })])],
          since ? String(since.version) : "")}</form>
        <div id="compared" aria-live="polite">${since
          ? changes(context, composed(versions.filter((one) => one.version > since.version && one.version <= about.version).map((one) => one.whats_new)))
          : ""}</div></section>`
      : ""}
    <ol class="versions" reversed>${[...versions].reverse().map((one) => versionPart(context, one))}</ol>
    <p><a href="${context.feed}" type="application/atom+xml">${words.t("feed")}</a></p>`;
}

function versionPart(context, one) {
  const { about, words } = context;
  const address = context.versionHref(one.version);
  return html`<li class="version" id="version-${one.version}"><h2>${one.withdrawn ? words.t("version", { version: one.version }) : html`<a href="${address}"${
    one.version === about.version ? html` aria-current="true"` : ""}>${words.t("version", { version: one.version })}</a>`} <small>${words.day(one.published_at)}</small></h2>
    ${one.withdrawn ? html`<p class="notice">${words.t("withdrawn", { day: words.day(one.withdrawn.on) })} ${said(one.withdrawn.reason)}</p>` : ""}
    ${one.rolled_back ? html`<p class="notice">${words.t("rolled_back", { day: words.day(one.rolled_back.on) })} ${said(one.rolled_back.reason)}</p>` : ""}
    <p>${words.t(`kind.${one.whats_new.kind}`)} · ${words.t("studies", { count: one.counts.included_studies })}</p>
    ${one.withdrawn ? "" : html`${one.whats_new.kind === "first" ? "" : changes(context, one.whats_new)}<p class="small cite">${said(one.citation)}</p>`}</li>`;
}

function changes(context, told) {
  const { words, href } = context;
  const known = (study) => html`<li><a href="${href(`study/${study.study_id}`)}">${said(study.citation)}</a></li>`;
  const parts = [
    ["new_studies", known],
    ["changed_studies", (study) => html`<li><a href="${href(`study/${study.study_id}`)}">${said(study.citation)}</a> <small>${study.changed
      .map((what) => words.plain(`changed.${what}`)).join(", ")}</small></li>`],
    ["removed_studies", (study) => html`<li>${said(study.citation)}</li>`],
  ].filter(([name]) => told[name].length);
  const tables = ["numbers", "methods", "authors", "status"].filter((name) => told[name].length);
  if (!parts.length && !tables.length) return html`<p>${words.t("new.nothing")}</p>`;
  return html`${parts.map(([name, line]) => html`<details><summary>${words.t(`new.${name}`, { count: told[name].length })}</summary><ul class="cited">${told[name].map(line)}</ul></details>`)}
    ${tables.map((name) => html`<details><summary>${words.t(`new.${name}`)}</summary><div class="scroll" tabindex="0" role="group" aria-label="${words.plain(`new.${name}`)}"><table class="plain"><thead><tr><th scope="col">${words.t("change.item")}</th>
      <th scope="col">${words.t("change.before")}</th><th scope="col">${words.t("change.after")}</th></tr></thead><tbody>${told[name].map(
        (one) => html`<tr><th scope="row">${said(one.title ?? one.item)}</th><td>${value(one.before)}</td><td>${value(one.after)}</td></tr>`)}</tbody></table></div></details>`)}`;
}

function value(given) {
  if (given === null || given === undefined) return "–";
  return said(typeof given === "object" ? JSON.stringify(given) : given);
}
