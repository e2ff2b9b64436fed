// What several versions changed together, from what each of them changed against the one before. The rule is that of
// `since` in living_review/whats_new.py, which says it in full; a test holds the two together.

const STUDIES = ["new_studies", "changed_studies", "removed_studies"];
const ITEMS = ["numbers", "methods", "authors", "status"];
const PARTS = ["charting", "reports", "retraction"];

/**
 * The changes of consecutive versions as one, oldest first. What came and went, or is again as it was, is not named; what
 * was changed in a study that is new, is part of its being new.
 */
export function composed(steps) {
  const studies = together(steps, STUDIES, "study_id");
  return {
    new_studies: studies.filter((one) => one.before === null),
    changed_studies: studies
      .filter((one) => one.before !== null && one.after !== null)
      .map((one) => ({ ...one, changed: PARTS.filter((part) => one.before[part] !== one.after[part]) })),
    removed_studies: studies.filter((one) => one.after === null),
    ...Object.fromEntries(ITEMS.map((name) => [name, together(steps, [name], "item")])),
  };
}

/** Each thing once, by its key: before as the first step has it, the rest as the last; those that are as they were left out. */
function together(steps, lists, key) {
  const found = new Map();
  for (const step of steps) {
    for (const { changed, ...one } of lists.flatMap((name) => step[name])) {
      const earlier = found.get(one[key]);
      const before = earlier ? earlier.before : one.before;
      const state = key === "study_id" ? { retraction: (one.after ?? before)?.retraction } : {};
      found.set(one[key], { ...one, ...state, before });
    }
  }
  return [...found.values()].filter((one) => !same(one.before, one.after)).sort((a, b) => (a[key] < b[key] ? -1 : 1));
}

/** Whether two values of our files are equal: their keys are sorted. */
function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
