// A chart or the living badge on somebody else's page: in a shadow tree, so that neither page styles the other.
import { readWords } from "./catalogue.js";
import { openVersion, Trouble } from "./data.js";
import { badge } from "./frame.js";
import { html, said } from "./html.js";
import { Names } from "./names.js";
import { directionOf } from "./words.js";

const STYLE = `:host { display: block; font: 1rem/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; border: 1px solid #d4dae0; border-radius: .5rem; padding: .6rem 1rem; max-width: 50rem; }
p, figure { margin: 0; } a { color: #0b5d7a; } img { max-width: 100%; height: auto; }
.badge { display: flex; flex-wrap: wrap; gap: .2rem .9rem; } small, figcaption { font-size: .87rem; color: #55606b; }`;

/**
 * Fills the place after `script`. Its data: review (address of the review's folder; default: where the script lies), show
 * ("badge" or "chart:" and a chart's id), lang, page (where the badge leads; default: the review's own page).
 */
export async function show(script, home) {
  const asked = new URLSearchParams(isFrame() ? location.search : "");
  const given = { ...script.dataset, ...Object.fromEntries([...asked].filter(([name]) => ["show", "lang"].includes(name))) };
  const folder = new URL((given.review ?? home).replace(/\/*$/, "/"), home).href;
  const place = document.createElement("div");
  const shadow = place.attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  style.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [style];
  await placed(place, script);
  const words = await readWords([given.lang, document.documentElement.lang]);
  place.lang = words.language;
  place.dir = directionOf(words.language);
  let content;
  try {
    content = await contentOf(folder, given, words);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    content = html`<p role="alert">${words.t(error.key, error.given)}</p>`;
  }
  policy ??= globalThis.trustedTypes?.createPolicy("living-review-embed", { createHTML: (text) => text });
  shadow.innerHTML = policy ? policy.createHTML(content.text) : content.text;
}

let policy;

/** Puts the place after the script; of a script in the page's head, which shows nothing, at the end of the page. */
async function placed(place, script) {
  if (!document.head.contains(script)) return script.after(place);
  while (document.readyState === "loading") await new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));
  document.body.append(place);
}

/** Whether the page is embed.html itself: then its address says what to show. */
function isFrame() {
  return location.pathname.endsWith("/embed.html");
}

async function contentOf(folder, given, words) {
  const { pointer, publication } = await openVersion(folder);
  const about = await publication.json("overview.json");
  const names = new Names(about, words.language);
  const page = /^https?:\/\//i.test(given.page ?? "") ? given.page : new URL("index.html", folder).href;
  const wanted = given.show ?? "badge";
  const title = html`<a href="${page}" target="_top">${names.titleHtml()}</a>`;
  const status = badge({ about, words, pointer });
  if (wanted === "badge") return html`<p>${title}</p>${status}`;
  const chart = about.charts.find((one) => `chart:${one.id}` === wanted);
  if (!chart) throw new Trouble("embed.none", { wanted: said(wanted), ids: said(["badge", ...about.charts.map((one) => `chart:${one.id}`)].join(", ")) });
  return html`<figure><img src="${await publication.proved(chart.svg)}" crossorigin="anonymous" alt="${words.plain("embed.alt", { title: names.chartText(chart, words), review: names.title })}">
    <figcaption>${names.chart(chart, words)} · ${title} · <a href="${publication.address(chart.csv)}">CSV</a></figcaption></figure>${status}`;
}
