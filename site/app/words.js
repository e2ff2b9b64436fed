// The site's own words: a catalogue of messages, numbers, dates and plurals in the reader's language.
import { Html, html } from "./html.js";

const RIGHT_TO_LEFT = new Set(["ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"]);

export function directionOf(language) {
  return RIGHT_TO_LEFT.has(language.split("-")[0]) ? "rtl" : "ltr";
}

/** Of the languages shipped the one that fits best: the same, one of the same root, or the first. */
export function bestLanguage(wanted, shipped) {
  for (const one of wanted) {
    const exact = shipped.find((other) => other.toLowerCase() === one.toLowerCase());
    if (exact) return exact;
  }
  for (const one of wanted) {
    const root = shipped.find((other) => other.split("-")[0] === one.split("-")[0].toLowerCase());
    if (root) return root;
  }
  return shipped[0];
}

/**
 * Says a message of the catalogue: t("studies", {count: 3}). A message is a text or, by the plural rules of the
 * language, several ({one: "{count} study", other: "{count} studies"}). What stands in braces is put in, escaped.
 */
export class Words {
  constructor(catalogue, language) {
    this.catalogue = catalogue;
    this.language = language;
    this.plural = new Intl.PluralRules(language);
    this.digits = new Intl.NumberFormat(language);
    this.shares = new Intl.NumberFormat(language, { style: "percent" });
    this.days = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
  }

  t(key, given = {}) {
    const found = this.catalogue[key];
    if (found === undefined) throw new Error(`no message ${key}`);
    const text = typeof found === "string" ? found : found[this.plural.select(given.count)] ?? found.other;
    const parts = text.split(/\{(\w+)\}/);
    const filled = parts.map((part, place) => {
      if (place % 2 === 0) return part;
      const value = given[part];
      return typeof value === "number" ? this.number(value) : value;
    });
    return html`${filled}`;
  }

  /** The message as plain text, for a title or an attribute; what is put in must be text. */
  plain(key, given = {}) {
    return this.t(key, given).text.replace(/&(amp|lt|gt|quot|#39);/g, (all, name) => PLAIN[name]);
  }

  number(value) {
    return this.digits.format(value);
  }

  share(value) {
    return value === null || value === undefined ? "" : this.shares.format(value);
  }

  /** A day, from an ISO date or moment (UTC). */
  day(iso) {
    const moment = new Date(iso);
    if (!iso || Number.isNaN(moment.getTime())) return "";
    return new Html(`<time datetime="${moment.toISOString().slice(0, 10)}">${this.days.format(moment)}</time>`);
  }
}

const PLAIN = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
