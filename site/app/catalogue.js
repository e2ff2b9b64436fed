// The catalogue of messages in the language that fits a reader best.
import { LANGUAGES } from "./languages.js";
import { bestLanguage, Words } from "./words.js";

/** The site's words in the first of the `wanted` languages (some of which may be empty) that comes near one shipped. */
export async function readWords(wanted) {
  const language = bestLanguage([...wanted, ...navigator.languages].filter(Boolean), LANGUAGES.map(([tag]) => tag));
  const answer = await fetch(new URL(`messages/${language}.json`, import.meta.url));
  return new Words(await answer.json(), language);
}
