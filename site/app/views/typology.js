// Each model of the typology with its definition, its studies, and how its studies spread over the other fields.
import { bars, fieldRows } from "../bars.js";
import { flag, html, said } from "../html.js";
import { MISSING } from "../selection.js";
import { marks } from "./list.js";

/** Studies that are named at once; the list of studies names all. */
const NAMED = 100;

/** Needs: summary, list. */
export function render(context, { summary, list }, params) {
  const { words, names } = context;
  const table = summary.typology;
  const byId = new Map(list.studies.map((study) => [study.study_id, study]));
  const wanted = params.get("model");
  return html`<h1>${names.field(table.field)}</h1>
    <p>${words.t("of_studies", { count: table.asked })}. ${table.many ? words.t("many") : ""}</p>
    <nav class="inside" aria-label="${words.plain("models")}"><ul class="inline">${table.models.map(
      (model) => html`<li><a href="${context.href("typology", { model: model.id })}">${names.model(model.id)} <span class="n">${words.number(model.count)}</span></a></li>`,
    )}</ul></nav>
    ${table.models.map((model) => modelPart(context, model, byId, model.id === wanted))}
    ${table.without_model.length
      ? html`<section><h2>${words.t("without_model")}</h2>${cited(context, table.without_model, byId, true, { [`f.${table.field}`]: MISSING })}</section>`
      : ""}`;
}

function modelPart(context, model, byId, isWanted) {
  const { words, names, href } = context;
  const { field } = context.about.typology;
  return html`<section class="model" id="model-${model.id}"${isWanted ? html` data-wanted="true" tabindex="-1"` : ""}>
    <h2>${names.model(model.id)} <span class="n">${words.number(model.count)}${model.share === null ? "" : html` · ${words.share(model.share)}`}</span></h2>
    ${model.definition ? html`<p>${names.definition(model.id)}</p>` : html`<p class="small">${words.t("definition.none")}</p>`}
    ${model.count
      ? html`<div class="cards">${model.distributions.filter((table) => table.rows.some((row) => row.count)).map(
          (table) => html`<section class="card"><h3>${names.field(table.field)}</h3>${bars(
            fieldRows(table, { ...context, href: (page, given) => href(page, { ...given, [`f.${field}`]: model.id }) }, 6),
            { caption: names.field(table.field), words, hideCaption: true })}</section>`)}</div>
        ${cited(context, model.studies, byId, isWanted, { [`f.${field}`]: model.id })}`
      : html`<p>${words.t("found.none")}</p>`}</section>`;
}

/** The studies by name, folded away until asked for; `selection` is that of the list which names all of them. */
export function cited(context, ids, byId, isOpen, selection) {
  const { words, href } = context;
  const more = ids.length - NAMED;
  return html`<details${flag("open", isOpen)}><summary>${words.t("studies", { count: ids.length })}</summary><ul class="cited">${ids.slice(0, NAMED).map((id) => {
    const study = byId.get(id);
    return study
      ? html`<li>${marks(study, context)}<a href="${href(`study/${id}`)}">${said(study.citation)}</a></li>`
      : html`<li>${id}</li>`;
  })}${more > 0 ? html`<li><a href="${href("studies", selection)}">${words.t("more.studies", { count: more })}</a></li>` : ""}</ul></details>`;
}
