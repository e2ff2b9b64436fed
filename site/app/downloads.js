// A selection of studies as a file, made in the reader's browser.

/** A cell that no spreadsheet runs as a formula, quoted for CSV (RFC 4180). */
export function cell(value) {
  const text = [value ?? ""].flat().join("; ").replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000b-\u001f]/g, "");
  const safe = typeof value === "number" ? text : text.replace(/^(?=[=+\-@\t\n\uFF1D\uFF0B\uFF0D\uFF20])/, "'");
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const COLUMNS = ["study_id", "citation", "title", "authors", "year", "journal", "doi", "pmid", "url", "retraction", "included_on"];

export function toCsv(studies, fields) {
  const names = fields.filter((name) => !COLUMNS.includes(name));
  const rows = studies.map((study) => [...COLUMNS.map((name) => study[name]), ...names.map((name) => study.values?.[name])]);
  return [[...COLUMNS, ...names], ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

export function toRis(studies) {
  const line = (tag, value) => (value ? `${tag}  - ${String(value).replace(/\s+/g, " ").trim()}\r\n` : "");
  return studies
    .map((study) => {
      const authors = study.authors.split(/,\s*/).filter((name) => name && name !== "et al");
      const warning = ["none", "unknown"].includes(study.retraction) ? "" : study.retraction.toUpperCase();
      return [
        line("TY", "JOUR"),
        line("ID", study.study_id),
        ...authors.map((name) => line("AU", name)),
        line("TI", study.title),
        line("JO", study.journal),
        line("PY", study.year),
        line("DO", study.doi),
        line("AN", study.pmid),
        line("UR", study.url),
        line("N1", warning),
        "ER  - \r\n",
      ].join("");
    })
    .join("\r\n");
}

/** Hands the reader a file. */
export function save(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
