// The PRISMA flow diagram in every variant of living reviews, with its numbers as a table.
import { html, said } from "../html.js";
import { picture, select } from "../frame.js";

const ORDER = ["together", "base_and_updates", "each_apart", "earlier_and_latest", "latest"];

function kindsOf({ variants }) {
  const place = (name) => ORDER.indexOf(name);
  return Object.keys(variants).filter((name) => variants[name].length).sort((a, b) => place(a) - place(b));
}

function wantedOf(prisma, params) {
  const kinds = kindsOf(prisma);
  return kinds.includes(params.get("variant")) ? params.get("variant") : kinds[0];
}

/** The file with the picture that the page shows. */
export function picturesOf(context, { prisma }, params) {
  return [`prisma/${wantedOf(prisma, params)}.svg`];
}

/** Needs: prisma, and the address of the picture. */
export function render(context, { prisma, pictures: [address] }, params) {
  const { words, file, about } = context;
  const kinds = kindsOf(prisma);
  const wanted = wantedOf(prisma, params);
  const flows = prisma.variants[wanted];
  const table = file(`prisma/${wanted}.csv`) ?? file("prisma.csv");
  return html`<h1>${words.t("page.flow")}</h1>
    <form id="variants" class="line">${select("variant", words.t("flow.variant"), kinds.map((name) => [name, words.t(`flow.${name}`)]), wanted)}</form>
    ${picture(address, words.plain("page.flow"), words.plain("flow.alt", { title: about.review.title }))}
    <ul class="inline"><li><a href="${address}" download>SVG</a></li>${table ? html`<li><a href="${table}" download>CSV</a></li>` : ""}
      ${file("prisma.json") ? html`<li><a href="${file("prisma.json")}" download>JSON</a></li>` : ""}</ul>
    <div class="scroll" tabindex="0" role="region" aria-label="${words.plain("flow.numbers")}"><table class="plain"><caption>${words.t("flow.numbers")}</caption>
      <thead><tr><td></td>${flows.map((one) => html`<th scope="col">${said(one.label)}</th>`)}</tr></thead>
      <tbody>${rowsOf(words).map(([label, number]) => html`<tr><th scope="row">${label}</th>${flows.map((one) => html`<td class="n">${shown(words, number(one))}</td>`)}</tr>`)}</tbody></table></div>`;
}

function shown(words, value) {
  return value === null || value === undefined ? words.t("flow.left_out") : words.number(value);
}

function rowsOf(words) {
  const waiting = (one) => Object.values(one.pending).reduce((sum, number) => sum + (number ?? 0), 0);
  return [
    ["identified", (one) => one.identified.n],
    ["duplicates", (one) => one.duplicates],
    ["removed", (one) => one.removed.n],
    ["screened", (one) => one.screened],
    ["excluded_screening", (one) => one.excluded_screening?.n],
    ["sought", (one) => one.sought],
    ["not_retrieved", (one) => one.not_retrieved],
    ["assessed", (one) => one.assessed],
    ["excluded_full_text", (one) => one.excluded_full_text?.n],
    ["pending", waiting],
    ["new_studies", (one) => one.included.new_studies],
    ["new_reports", (one) => one.included.new_reports],
    ["total_studies", (one) => one.included.total_studies],
    ["total_reports", (one) => one.included.total_reports],
  ].map(([key, number]) => [words.t(`flow.row.${key}`), number]);
}
