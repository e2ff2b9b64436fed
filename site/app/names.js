// The review's own words (title, fields, options, models) in the reader's language where the protocol translates them.
import { said } from "./html.js";

export class Names {
  /** `about` is overview.json. */
  constructor(about, language) {
    this.about = about;
    this.page = language;
    const own = about.review.language;
    const has = about.translations ?? {};
    this.language = has[language] ? language : own;
    this.other = language === own ? {} : has[language] ?? {};
    this.own = own;
    this.fields = new Map(about.fields.map((field) => [field.name, field]));
    this.models = new Map((about.typology?.models ?? []).map((model) => [model.id, model]));
  }

  text(translated, original) {
    return translated ? said(translated, this.language, this.page) : said(original, this.own, this.page);
  }

  get title() {
    return this.other.title || this.about.review.title;
  }

  titleHtml() {
    return this.text(this.other.title, this.about.review.title);
  }

  question() {
    return this.text(this.other.question, this.about.review.question);
  }

  field(name) {
    return this.text(this.fieldParts(name).label, this.fields.get(name)?.title ?? name);
  }

  fieldText(name) {
    return this.fieldParts(name).label || (this.fields.get(name)?.title ?? name);
  }

  fieldParts(name) {
    return (this.other.fields ?? {})[name] ?? {};
  }

  modelParts(id) {
    return (this.other.models ?? {})[id] ?? {};
  }

  /** A model's name; of one that has only a place yet, its id. */
  model(id) {
    return this.text(this.modelParts(id).name, this.models.get(id)?.title ?? id);
  }

  isNameless(id) {
    return !this.modelParts(id).name && !this.models.get(id)?.name;
  }

  definition(id) {
    return this.text(this.modelParts(id).definition, this.models.get(id)?.definition ?? "");
  }

  /** One value of a field as readers see it: an option's label, a model's name, a country's name, or the value. */
  option(field, value) {
    return this.text(this.translatedOption(field, value), this.originalOption(field, value));
  }

  translatedOption(field, value) {
    if (this.isTypology(field) && this.models.has(value)) return this.modelParts(value).name;
    if (this.fields.get(field)?.type === "country") return countryName(value, this.page);
    return (this.fieldParts(field).options ?? {})[value];
  }

  originalOption(field, value) {
    if (this.isTypology(field) && this.models.has(value)) return this.models.get(value).title;
    const option = this.fields.get(field)?.options.find((one) => one.value === String(value));
    return option ? option.title : String(value);
  }

  isTypology(field) {
    return this.about.typology?.field === field;
  }
}

function countryName(code, language) {
  try {
    return new Intl.DisplayNames(language, { type: "region" }).of(code);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
