// A table of counts with a bar in each row: the number is always there as text.
import { html, said } from "./html.js";

/**
 * rows: [{label (HTML), count, share, href, remark, isMissing}]; the longest bar is the largest count.
 */
export function bars(rows, { caption, words, hideCaption = false }) {
  const most = Math.max(1, ...rows.map((row) => row.count));
  return html`<table class="bars"><caption${hideCaption ? html` class="unseen"` : ""}>${caption}</caption>
    <thead class="unseen"><tr><th scope="col">${words.t("value")}</th><td></td><th scope="col">${words.t("studies.head")}</th></tr></thead>
    <tbody>${rows.map(
      (row) => html`<tr${row.isMissing ? html` class="missing"` : ""}>
        <th scope="row">${row.href ? html`<a href="${row.href}">${row.label}</a>` : row.label}${row.remark ? html`<small>${row.remark}</small>` : ""}</th>
        <td><svg aria-hidden="true" width="100%" height="12"><rect width="${((100 * row.count) / most).toFixed(2)}%" height="12" rx="2"/></svg></td>
        <td class="n">${words.number(row.count)}${row.share === null || row.share === undefined ? "" : html` <span class="share">${words.share(row.share)}</span>`}</td>
      </tr>`,
    )}</tbody></table>`;
}

/** The rows of a field's table of overview.json, studies without an answer last. */
export function fieldRows(table, { names, words, href }, most = Infinity) {
  const answered = table.rows.filter((row) => row.count || most === Infinity);
  const shown = most === Infinity ? answered : [...answered].sort((a, b) => b.count - a.count).slice(0, most);
  const rows = shown.map((row) => ({
    label: table.type === "boolean" ? words.t(row.value === "true" ? "yes" : "no") : names.option(table.field, row.value),
    count: row.count,
    share: row.share,
    href: row.count ? href("studies", { [`f.${table.field}`]: row.value }) : "",
  }));
  const { count, share } = table.missing;
  if (count && most === Infinity) rows.push({ label: words.t("missing"), count, share, isMissing: true });
  return rows;
}

/** Median and quartiles of a numeric field in words. */
export function numbersText(table, { words }) {
  const n = table.numbers;
  if (!n) return html`<p>${words.t("numbers.none")}</p>`;
  const unit = table.unit ? html` ${said(table.unit)}` : "";
  return html`<p>${words.t("numbers", {
    median: html`${words.number(n.median)}${unit}`,
    low: words.number(n.lower_quartile),
    high: words.number(n.upper_quartile),
    least: words.number(n.minimum),
    most: words.number(n.maximum),
    count: n.count,
  })}</p>`;
}
