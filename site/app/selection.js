// Which studies a reader asked for: the words, the ticked values, the order; to and from an address.

/** Types of fields whose answers can be ticked, crossed and linked to: those with a set of values. */
export const COUNTED = ["boolean", "choice", "country", "multi_choice"];

/** The values of a field of a study, as a list. */
export function valuesOf(study, field) {
  return [study.values?.[field] ?? []].flat().map(String);
}

/** What stands for a study without an answer in an address. */
export const MISSING = "~";

/** {q, state: […], fields: Map(name -> [values]), sort, page} of a search string. */
export function readSelection(params) {
  const fields = new Map();
  for (const [key, value] of params) {
    if (key.startsWith("f.")) fields.set(key.slice(2), [...(fields.get(key.slice(2)) ?? []), value]);
  }
  return {
    q: params.get("q") ?? "",
    state: params.getAll("state"),
    fields,
    sort: params.get("sort") ?? "",
    page: Math.max(1, Number.parseInt(params.get("page") ?? "1", 10) || 1),
  };
}

export function writeSelection({ q, state, fields, sort, page }) {
  const params = new URLSearchParams();
  if (q) params.set("q", q);
  for (const one of state) params.append("state", one);
  for (const [field, values] of fields) for (const value of values) params.append(`f.${field}`, value);
  if (sort) params.set("sort", sort);
  if (page > 1) params.set("page", String(page));
  return params;
}

/** Text as it is compared: without accents, case and width. */
export function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

const searched = new WeakMap();

function textOf(study) {
  let text = searched.get(study);
  if (text === undefined) {
    text = folded([study.study_id, study.title, study.authors, study.journal, study.year, study.doi, study.pmid].join(" "));
    searched.set(study, text);
  }
  return text;
}

export const STATES = {
  new: (study, version) => version > 1 && study.first_version === version,
  retracted: (study) => study.retraction === "retracted",
  expression_of_concern: (study) => study.retraction === "expression_of_concern",
  pending: (study) => !study.charted,
};

function has(study, field, wanted) {
  const values = valuesOf(study, field);
  return wanted.some((value) => (value === MISSING ? study.charted && !values.length : values.includes(value)));
}

/** The studies that meet the selection (any of the ticked values of a field, every field), in its order. */
export function chosen(studies, selection, version, except = "") {
  const words = folded(selection.q).split(/\s+/).filter(Boolean);
  const fields = [...selection.fields].filter(([field]) => field !== except);
  const states = except === "state" ? [] : selection.state.filter((one) => STATES[one]);
  return studies.filter(
    (study) =>
      words.every((word) => textOf(study).includes(word)) &&
      fields.every(([field, wanted]) => has(study, field, wanted)) &&
      (!states.length || states.some((one) => STATES[one](study, version))),
  );
}

export const ORDERS = {
  "": null,
  "-year": (a, b) => (b.year ?? 0) - (a.year ?? 0),
  year: (a, b) => (a.year ?? Infinity) - (b.year ?? Infinity) || 0,
  title: (a, b, compare) => compare(a.title, b.title),
  authors: (a, b, compare) => compare(a.authors, b.authors),
  "-included": (a, b) => (a.included_on < b.included_on) - (a.included_on > b.included_on),
};

export function ordered(studies, sort, language) {
  const order = ORDERS[sort];
  if (!order) return studies;
  const { compare } = new Intl.Collator(language);
  return [...studies].sort((a, b) => order(a, b, compare));
}

/** How many of `studies` have each value of a field; Map(value -> count), MISSING for those without an answer. */
export function tally(studies, field) {
  const counts = new Map();
  for (const study of studies) {
    const values = valuesOf(study, field);
    if (!values.length && study.charted) counts.set(MISSING, (counts.get(MISSING) ?? 0) + 1);
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}
