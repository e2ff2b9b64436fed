// What several versions changed together, from what each of them changed against the one before.

/**
 * The changes of consecutive versions as one, oldest first. A study that came and went is not named; a number that came
 * back to what it was is not either. What was changed in a study that is new, is part of its being new.
 */
export function composed(steps) {
  const added = new Map();
  const removed = new Map();
  const changed = new Map();
  const items = { numbers: new Map(), methods: new Map(), authors: new Map(), status: new Map() };
  for (const step of steps) {
    for (const study of step.removed_studies) {
      changed.delete(study.study_id);
      if (!added.delete(study.study_id)) removed.set(study.study_id, study);
    }
    for (const study of step.new_studies) {
      if (removed.delete(study.study_id)) changed.set(study.study_id, { ...study, changed: ["returned"] });
      else added.set(study.study_id, study);
    }
    for (const study of step.changed_studies) {
      if (added.has(study.study_id)) continue;
      const before = changed.get(study.study_id)?.changed ?? [];
      changed.set(study.study_id, { ...study, changed: [...new Set([...before, ...study.changed])] });
    }
    for (const [name, known] of Object.entries(items)) {
      for (const one of step[name]) {
        const key = one.item;
        const before = known.has(key) ? known.get(key).before : one.before;
        known.set(key, { ...one, before });
      }
    }
  }
  const list = (known) => [...known.values()].filter((one) => JSON.stringify(one.before) !== JSON.stringify(one.after));
  return {
    new_studies: [...added.values()],
    changed_studies: [...changed.values()],
    removed_studies: [...removed.values()],
    ...Object.fromEntries(Object.entries(items).map(([name, known]) => [name, list(known)])),
  };
}
