// The languages that the site's words come in; each has a catalogue in messages/.
export const LANGUAGES = [
  ["en", "English"],
  ["zh-Hans", "简体中文"],
];
