// Pages without JavaScript, made once at publication by the same code that shows them in a browser.
import { footer, header, notices } from "./frame.js";
import { html } from "./html.js";
import { LANGUAGES } from "./languages.js";
import { Names } from "./names.js";
import { listPage } from "./views/list.js";
import { overview } from "./views/overview.js";
import { directionOf, Words } from "./words.js";

/**
 * A page's title, the direction of its text, and the inside of its body. `page` is "overview" or "studies"; of the list
 * `shown` are the studies on its page `number`, of `all` there are. A page of the list names no version and no day, so that it stays the same as long as its studies do.
 * `places`: {folder, pages: {overview, studies}, keys: {file name: key}, languages: {tag: page}}, all relative to the folder.
 */
export function prerender(page, about, shown, number, all, language, catalogue, places) {
  const words = new Words(catalogue, language);
  const { folder } = places;
  const listHref = (one) => folder + (one === 1 ? places.pages.studies : places.pages.studies.replace(/\.html$/, `-${one}.html`));
  const context = {
    about,
    words,
    language,
    names: new Names(about, language),
    languages: LANGUAGES,
    href: (route, params) => {
      if (route === "overview") return folder + places.pages.overview;
      if (route === "studies" && !params && places.pages.studies) return listHref(1);
      const text = Object.entries(params ?? {}).map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
      return `${folder}${places.pages.overview}#/${route}${text ? `?${text}` : ""}`;
    },
    file: (name) => (places.keys[name] ? folder + places.keys[name] : undefined),
    feed: `${folder}feed.xml`,
    languageHref: (tag) => folder + places.languages[tag],
    listHref,
  };
  const isOverview = page === "overview";
  const content = isOverview ? overview(context) : listPage(context, shown, number, all);
  const title = isOverview ? context.names.title : `${words.plain("page.studies")} – ${context.names.title}`;
  const body = html`<div id="top">${header(context, page, { hasBadge: isOverview })}</div>
<noscript><p class="notice wide">${words.t("noscript")}</p></noscript>
<div id="notices" class="wide">${isOverview ? notices(context) : ""}</div>
<main id="main" class="wide" tabindex="-1">${content}</main>
<div id="foot">${isOverview ? footer(context) : ""}</div>`;
  return [title, directionOf(language), body.text];
}
