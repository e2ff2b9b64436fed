// A review's publication as it lies in the store: pointer, manifest, files. A reader sees one version whole or an error.

const TRIES = 3;

/** Something a reader can be told: `key` is a message of the catalogue. */
export class Trouble extends Error {
  constructor(key, given = {}) {
    super(key);
    this.key = key;
    this.given = given;
  }
}

async function fetched(address, options = {}) {
  for (let attempt = 1; ; attempt += 1) {
    let answer;
    try {
      answer = await fetch(address, { mode: "cors", credentials: "omit", redirect: "error", ...options });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    if (answer?.ok) return answer;
    if (answer && answer.status < 500 && answer.status !== 429) throw new Trouble("trouble.missing", { status: answer.status });
    if (attempt === TRIES) throw new Trouble(options.integrity ? "trouble.file" : "trouble.network");
    await new Promise((done) => setTimeout(done, 250 * 2 ** attempt));
  }
}

/** The content of a JSON file that nobody vouches for: asked for anew each time. */
export async function readJson(address) {
  return json(await fetched(address, { cache: "no-cache" }));
}

async function json(answer) {
  try {
    return await answer.json();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) throw new Trouble("trouble.broken");
    throw error;
  }
}

/** SHA-256 in hexadecimal as the integrity that fetch() checks. */
function integrityOf(sha256) {
  const bytes = sha256.match(/../g).map((pair) => Number.parseInt(pair, 16));
  return `sha256-${btoa(String.fromCharCode(...bytes))}`;
}

/** What latest.json of the review in `folder` (an address that ends in a slash) says. */
export async function readPointer(folder) {
  const pointer = await readJson(new URL("latest.json", folder));
  if (!pointer?.manifest?.key || !/^[0-9a-f]{64}$/.test(pointer.manifest.sha256)) throw new Trouble("trouble.broken");
  return pointer;
}

export class Publication {
  constructor(folder, manifest) {
    this.folder = folder;
    this.version = manifest.version;
    this.files = new Map(manifest.files.map((one) => [one.name, one]));
    this.kept = new Map();
  }

  static async open(folder, { key, sha256 }) {
    const manifest = await json(await fetched(inside(folder, key), { integrity: integrityOf(sha256) }));
    if (manifest.withdrawn) throw new Trouble("trouble.withdrawn", { version: manifest.version });
    return new Publication(folder, manifest);
  }

  /** The address of a file, or undefined where the version has none of that name. */
  address(name) {
    const found = this.files.get(name);
    return found && inside(this.folder, found.key).href;
  }

  /** The address of a file whose bytes have come and are those that were published: what shows it takes them from the cache. */
  async proved(name) {
    await (await this.answer(name)).arrayBuffer();
    return this.address(name);
  }

  /** The answer to a request for a file, which the browser gives only if the bytes have the file's SHA-256. */
  async answer(name) {
    const found = this.files.get(name);
    if (!found) throw new Trouble("trouble.missing", { status: name });
    return fetched(inside(this.folder, found.key), { integrity: integrityOf(found.sha256) });
  }

  /** The content of a JSON file, fetched once and proved by its SHA-256. */
  json(name) {
    if (!this.kept.has(name)) {
      const content = this.answer(name).then(json);
      this.kept.set(name, content);
      content.catch(() => this.kept.delete(name));
    }
    return this.kept.get(name);
  }
}

/** A key as an address, which never leaves the review's folder. */
function inside(folder, key) {
  const address = new URL(key, folder);
  if (!address.href.startsWith(new URL(folder).href)) throw new Trouble("trouble.broken");
  return address;
}

/**
 * The version that is wanted, or the newest: {pointer, publication}; of an earlier one also `since`, what came to be known
 * after it: {retracted: Map(study id -> state), back: when and why readers were taken back from it, or null}.
 */
export async function openVersion(folder, wanted) {
  const pointer = await readPointer(folder);
  const newest = await Publication.open(folder, pointer.manifest);
  if (!wanted || wanted === pointer.version) return { pointer, publication: newest };
  const { versions, retracted } = await newest.json("history.json");
  const found = versions.find((one) => one.version === wanted);
  const back = pointer.notice;
  if (!found && wanted > pointer.version && wanted <= back?.from) throw new Trouble("trouble.back", { version: wanted, ...back });
  if (!found || (!found.manifest && !found.withdrawn)) throw new Trouble("trouble.version", { version: wanted });
  if (found.withdrawn) throw new Trouble("trouble.withdrawn", { version: wanted });
  const since = { retracted: new Map(retracted.map((one) => [one.study_id, one.state])), back: found.rolled_back };
  return { pointer, publication: await Publication.open(folder, found.manifest), since };
}
