// The agent's language: words, dates, numbers.

import { WORDS } from "./words.js";

let words = WORDS.en;
let locale = "en";

// `wanted` is the agent's language as Zendesk calls it: "de", "en-GB".
export function speak(wanted) {
  const language = String(wanted || "en").toLowerCase().split("-")[0];
  words = WORDS[language] || WORDS.en;
  locale = "en";
  if (WORDS[language]) {
    try {
      locale = Intl.getCanonicalLocales(wanted)[0] || "en";
    } catch {
      locale = language; // a name of Zendesk's own, as "en-x-3"
    }
  }
  document.documentElement.lang = WORDS[language] ? language : "en";
}

// A sentence, with what belongs in its braces.
export function t(key, values = {}) {
  const sentence = words[key];
  if (sentence === undefined) throw new Error(`no words for ${key}`);
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

// One of something, or several: `key_one` and `key_many`.
export function counted(key, number, values = {}) {
  return t(`${key}_${number === 1 ? "one" : "many"}`, { ...values, number: figure(number) });
}

export function figure(number) {
  return new Intl.NumberFormat(locale).format(number);
}

// What a network counts, in a word that agents use: nearly always what looks like one sign.
export function unitWord(unit) {
  return t(unit === "bytes" ? "unit_bytes" : unit === "weighted" ? "unit_weighted" : "unit_signs");
}

export function moment(iso) {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

// What is left until `iso`, in the two largest units; "" when it has passed.
export function left(iso, now = Date.now()) {
  const minutes = Math.floor((new Date(iso).getTime() - now) / 60000);
  if (minutes < 0) return "";
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const parts = days ? [[days, "day"], [hours, "hour"]] : [[hours, "hour"], [minutes % 60, "minute"]];
  const told = parts
    .filter(([number], place) => number || (place === 1 && !parts[0][0]))
    .map(([number, unit]) =>
      new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(number));
  return t("time_left", { time: told.join(" ") });
}
