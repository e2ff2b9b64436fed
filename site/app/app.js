// The site in a reader's browser: which review, version, language and page the address asks for, and what answers to clicks.
import { readWords } from "./catalogue.js";
import { openVersion, readJson, readPointer, Trouble } from "./data.js";
import { decoded, footer, header, notices } from "./frame.js";
import { html, said } from "./html.js";
import { LANGUAGES } from "./languages.js";
import { Names } from "./names.js";
import { VIEWS } from "./pages.js";
import { directionOf } from "./words.js";

const root = document.documentElement;
const policy = globalThis.trustedTypes?.createPolicy("living-review", { createHTML: (text) => text });
const asked = new URLSearchParams(location.search);
/** Milliseconds between looks for a newer version while a page stays open. */
const LOOK_AGAIN_MS = 300_000;

function put(element, content) {
  element.innerHTML = policy ? policy.createHTML(content.text) : content.text;
}

function routeOf(hash) {
  const [path, search = ""] = hash.replace(/^#\//, "").split("?");
  const [page, id = ""] = path.split("/");
  const known = Object.hasOwn(VIEWS, page) ? page : "";
  return { page: known, id: decoded(id), params: new URLSearchParams(search) };
}

function currentRoute() {
  if (location.hash.startsWith("#/")) return routeOf(location.hash);
  const { page = "overview", number } = root.dataset;
  return { page, id: "", params: new URLSearchParams(number ? { page: number } : {}) };
}

/** An address like this one with some parts of its search changed. */
function withSearch(changes, hash = location.hash) {
  const search = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) search.delete(name);
    else search.set(name, value);
  }
  const text = search.toString();
  return `${location.pathname}${text ? `?${text}` : ""}${hash}`;
}

/** The address of the newest version: from a page that lies in a version's folder, the like page of the review's. */
function atNewest(hash = location.hash) {
  const address = withSearch({ version: null }, hash);
  if (!root.dataset.pinned) return address;
  const page = location.pathname.split("/").at(-1) + address.slice(location.pathname.length);
  return new URL(root.dataset.folder + page, location.href).href;
}

/** The folder of the review: the page's own, or one that this site lists. */
async function folderOf(words) {
  if (root.dataset.folder) return new URL(root.dataset.folder, location.href).href;
  const { reviews } = await readJson(new URL("reviews.json", location.href));
  const wanted = asked.get("review") ?? (reviews.length === 1 ? reviews[0].id : null);
  const found = reviews.find((one) => one.id === wanted);
  if (found) return new URL(found.address.replace(/\/*$/, "/"), location.href).href;
  if (wanted) throw new Trouble("trouble.review", { review: wanted });
  put(document.getElementById("main"), html`<h1>${words.t("reviews")}</h1><ul>${reviews.map(
    (one) => html`<li><a href="${withSearch({ review: one.id }, "")}"><bdi>${one.title}</bdi></a></li>`)}</ul>`);
  return null;
}

class Site {
  constructor(words, folder, pointer, publication, about, since) {
    const { language } = words;
    const href = (page, params) => {
      const text = new URLSearchParams(params ?? {}).toString();
      return `#/${page}${text ? `?${text}` : ""}`;
    };
    this.publication = publication;
    this.folder = folder;
    this.lookedAt = Date.now();
    this.context = {
      about,
      words,
      language,
      names: new Names(about, language),
      languages: LANGUAGES,
      // What was searched since is no part of an earlier version.
      pointer: pointer.version === about.version ? pointer : undefined,
      newest: pointer.version,
      since,
      href,
      file: (name) => publication.address(name),
      feed: new URL("feed.xml", folder).href,
      languageHref: (tag) => withSearch({ lang: tag }),
      versionHref: (version) => (version === pointer.version ? atNewest("#/overview") : withSearch({ version: String(version) }, "#/overview")),
      newestHref: () => atNewest(),
    };
  }

  async show({ keepsPlace = false, isFirst = false } = {}) {
    const route = currentRoute();
    const page = route.page || "overview";
    const view = VIEWS[page];
    const { context } = this;
    const { words, names, about } = context;
    this.route = { ...route, page };
    const main = document.getElementById("main");
    main.setAttribute("aria-busy", "true");
    const turn = (this.turn = (this.turn ?? 0) + 1);
    let files;
    let render;
    try {
      const [script, found] = await Promise.all([loaded(view), this.filesOf(view, route)]);
      ({ render } = script);
      files = found;
      const names = script.picturesOf?.(context, found, route.params) ?? [];
      files.pictures = await Promise.all(names.map((name) => this.publication.proved(name)));
    } catch (error) {
      if (turn === this.turn) throw error;
    }
    // Another click may have come first.
    if (turn !== this.turn) return;
    this.files = files;
    const content = route.page ? render(context, files, route.params, route.id) : html`<h1>${words.t("trouble.page")}</h1><p><a href="${context.href("overview")}">${words.t("page.overview")}</a></p>`;
    root.lang = context.language;
    root.dir = directionOf(context.language);
    const focused = keepsPlace ? placeOf(document.activeElement) : null;
    const open = keepsPlace ? openOnes(main) : [];
    put(document.getElementById("top"), header(context, page === "study" ? "studies" : route.page));
    showCurrent(document.querySelector(".pages"));
    put(document.getElementById("notices"), html`${notices(context)}`);
    put(main, content);
    const heading = page === "study" ? main.querySelector("h1")?.textContent : "";
    document.title = page === "overview" ? names.title : `${heading || words.plain(page === "study" ? "page.studies" : `page.${page}`)} – ${names.title}`;
    put(document.getElementById("foot"), footer(context));
    main.removeAttribute("aria-busy");
    main.dataset.version = String(about.version);
    root.dataset.ready = "true";
    setUpTheme(words);
    for (const facet of open) main.querySelector(`details[data-facet="${CSS.escape(facet)}"]`)?.setAttribute("open", "");
    if (focused) restore(focused);
    else this.arrive(main, isFirst);
  }

  /** After a change of page: to the part that was asked for, or the top, and the heading is read out. */
  arrive(main, isFirst) {
    const wanted = main.querySelector("[data-wanted]") ?? (this.route.params.has("cell") ? main.querySelector("#cell") : null);
    if (wanted) {
      wanted.scrollIntoView();
      wanted.focus({ preventScroll: true });
    } else if (!isFirst) {
      scrollTo(0, 0);
      const heading = main.querySelector("h1");
      heading?.setAttribute("tabindex", "-1");
      heading?.focus({ preventScroll: true });
    }
  }

  async filesOf(view, route) {
    const needed = Object.entries(view.needs).map(async ([key, name]) => [key, await this.publication.json(name)]);
    const files = Object.fromEntries(await Promise.all(needed));
    if (route.page === "study") files.study = await this.studyOf(files.list, route.id);
    return files;
  }

  async studyOf(list, id) {
    const place = list.studies.findIndex((one) => one.study_id === id);
    if (place < 0) return undefined;
    const part = String(Math.floor(place / list.part_size) + 1).padStart(4, "0");
    const { studies } = await this.publication.json(`studies/${part}.json`);
    return studies.find((one) => one.study_id === id);
  }

  /** Says so if a newer version came out meanwhile; what is on the page stays as it is. */
  async lookForNewer() {
    if (document.visibilityState !== "visible" || Date.now() - this.lookedAt < LOOK_AGAIN_MS) return;
    this.lookedAt = Date.now();
    try {
      const pointer = await readPointer(this.folder);
      this.context.newest = pointer.version;
      put(document.getElementById("notices"), html`${notices(this.context)}`);
    } catch (error) {
      // Not to know of a newer version harms nobody who reads this one.
      if (!(error instanceof Trouble)) throw error;
    }
  }
}

/** A page's script; one that did not arrive is asked for again with the next click. */
async function loaded(view) {
  try {
    return await view.load();
  } catch (error) {
    if (error instanceof TypeError) throw new Trouble("trouble.network");
    throw error;
  }
}

/** On a narrow screen the pages are a line that scrolls: to the one that is shown. */
function showCurrent(pages) {
  const current = pages.querySelector("[aria-current]")?.getBoundingClientRect();
  const line = pages.getBoundingClientRect();
  if (current) pages.scrollLeft += (current.left + current.right - line.left - line.right) / 2;
}

function placeOf(element) {
  if (!element?.closest("form")) return null;
  const { selectionStart, selectionEnd } = element.type === "search" ? element : {};
  return { form: element.closest("form").id, name: element.name, value: element.type === "checkbox" ? element.value : null, selectionStart, selectionEnd };
}

function restore({ form, name, value, selectionStart, selectionEnd }) {
  const found = [...(document.getElementById(form)?.elements ?? [])].find((one) => one.name === name && (value === null || one.value === value));
  found?.focus({ preventScroll: true });
  if (selectionStart !== undefined && selectionStart !== null) found?.setSelectionRange(selectionStart, selectionEnd);
}

function openOnes(main) {
  return [...main.querySelectorAll("details[data-facet][open]")].map((one) => one.dataset.facet);
}

/** Light or dark: the reader's choice is kept in this browser. */
function setUpTheme(words) {
  const button = document.getElementById("theme");
  const kept = storage()?.getItem("living-review-theme");
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  if (!button) return;
  button.hidden = false;
  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  button.textContent = words.plain(isDark() ? "theme.light" : "theme.dark");
  button.onclick = () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    storage()?.setItem("living-review-theme", root.dataset.theme);
    button.textContent = words.plain(isDark() ? "theme.light" : "theme.dark");
  };
}

function storage() {
  try {
    return localStorage;
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

function tell(words, trouble) {
  const main = document.getElementById("main");
  main.removeAttribute("aria-busy");
  const { on, reason } = trouble.given;
  const given = { ...trouble.given, day: words.day(on), reason: said(reason) };
  put(main, html`<section class="trouble" role="alert"><h1>${words.t("trouble")}</h1><p>${words.t(trouble.key, given)}</p>
    <p><button type="button" id="again">${words.t("again")}</button>${root.dataset.pinned || asked.has("version")
      ? html` <a href="${atNewest("#/history")}">${words.t("notice.newest")}</a>` : ""}</p></section>`);
  document.getElementById("again").onclick = () => location.reload();
}

/** The form's answers as the route's params; what is empty is left out. */
function paramsOf(form) {
  const params = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) params.append(name, value);
  return params;
}

function listen(site, guarded) {
  let waiting = 0;
  const change = (form, pause) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const { page } = site.route;
      history.replaceState(null, "", site.context.href(page, paramsOf(form)));
      guarded(() => site.show({ keepsPlace: true }));
    }, pause);
  };
  addEventListener("hashchange", () => {
    if (location.hash === "" || location.hash.startsWith("#/")) guarded(() => site.show());
  });
  document.addEventListener("visibilitychange", () => guarded(() => site.lookForNewer()));
  document.addEventListener("input", (event) => {
    const { form } = event.target;
    if (form) change(form, event.target.type === "search" ? 150 : 0);
  });
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    change(event.target, 0);
  });
  document.addEventListener("click", (event) => {
    const what = event.target.closest("[data-do]")?.dataset.do;
    if (what === "newest") {
      if (event.target.href === location.href) location.reload();
    } else if (what) guarded(() => act(site, what, event.target));
    if (event.target.closest('a[href="#main"]')) {
      event.preventDefault();
      const main = document.getElementById("main");
      main.focus();
      main.scrollIntoView();
    }
  });
}

async function act(site, what, button) {
  const { context, files, route } = site;
  const { about, words } = context;
  if (what === "share") {
    await navigator.clipboard?.writeText(location.href);
    button.textContent = words.plain("share.done");
    return;
  }
  const [{ selected }, { save, toCsv, toRis }] = await Promise.all([import("./views/studies.js"), import("./downloads.js")]);
  const studies = selected(context, files, route.params);
  const name = `${about.review.id}-version-${about.version}-selection`;
  if (what === "csv") save(`${name}.csv`, "text/csv", `\ufeff${toCsv(studies, about.fields.filter((one) => one.type !== "text").map((one) => one.name))}`);
  if (what === "ris") save(`${name}.ris`, "application/x-research-info-systems", toRis(studies));
  if (what === "json") save(`${name}.json`, "application/json", JSON.stringify({ review: about.review.id, version: about.version, address: location.href, studies }, null, 1));
}

async function start() {
  const words = await readWords([asked.get("lang"), root.dataset.folder ? root.lang : null]);
  setUpTheme(words);
  const guarded = async (work) => {
    try {
      await work();
    } catch (error) {
      const isTold = error instanceof Trouble;
      tell(words, isTold ? error : new Trouble("trouble.broken"));
      if (!isTold) throw error;
    }
  };
  await guarded(async () => {
    const folder = await folderOf(words);
    if (!folder) return;
    const pinned = Number.parseInt(asked.get("version") ?? root.dataset.pinned ?? "", 10);
    const { pointer, publication, since } = await openVersion(folder, pinned || undefined);
    const about = await publication.json("overview.json");
    const site = new Site(words, folder, pointer, publication, about, since);
    listen(site, guarded);
    await site.show({ isFirst: true });
  });
}

await start();
