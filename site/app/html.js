// Text into HTML. Whatever is put into a template is escaped, unless it is itself a piece of HTML made here.

export class Html {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeText(value) {
  return String(value).replace(/[&<>"']/g, (one) => ENTITIES[one]);
}

function piece(value) {
  if (value === null || value === undefined || value === false || value === true) return "";
  if (Array.isArray(value)) return value.map(piece).join("");
  return value instanceof Html ? value.text : escapeText(value);
}

/** A template: html`<p>${anything}</p>`. Lists are joined; null, undefined and booleans are nothing. */
export function html(strings, ...values) {
  return new Html(strings.reduce((text, string, place) => text + piece(values[place - 1]) + string));
}

/** Somebody else's text, kept from reordering what stands beside it. Given the page's language, its own is marked. */
export function said(text, language = "", pageLanguage = "") {
  const other = language && language !== pageLanguage ? html` lang="${language}"` : "";
  return html`<bdi${other}>${text}</bdi>`;
}

/** A link if the address is one of the web; else the text alone. */
export function link(address, text) {
  return /^https?:\/\//i.test(address || "") ? html`<a href="${address}" rel="noopener">${text}</a>` : html`${text}`;
}

/** Attributes that are there or not: flag("checked", true). */
export function flag(name, isSet) {
  return isSet ? new Html(` ${name}`) : "";
}
