// What is being written: where it will go, how it will look there, and what stands in its way.

import { drawing, h } from "./page.js";
import { visibility } from "./posts.js";
import { counted, figure, left, t, unitWord } from "./speech.js";

const CHOICES = ["auto", "public", "private"];
const NEARLY = 0.8; // of the most: from here on the count is worth hearing

// The choice, and a place for the rest. `choose(as)` sets the ticket's field.
export function writing(choose) {
  const radios = new Map();
  const sentence = h("p", { class: "warning", hidden: true });
  const result = h("div", { class: "result" });
  const group = h("fieldset", { class: "choice" }, h("legend", {}, t("reply_as")),
    CHOICES.map((as) => {
      const input = h("input", { type: "radio", name: "as", value: as, id: `as-${as}`, "data-key": `as-${as}`, onchange: () => choose(as) });
      const seen = h("span", { class: "soft" });
      radios.set(as, { input, seen });
      return h("label", { for: `as-${as}` }, input, h("span", {}, t(`as_${as}`)), seen);
    }));
  const words = h("p", { class: "soft", hidden: true }, t("as_words"));
  const section = h("section", { "aria-labelledby": "h-draft" },
    h("h2", { id: "h-draft" }, t("draft_heading")), group, words, sentence, result);

  return {
    section,
    show(state, as) {
      group.hidden = !state.reply_as_field;
      words.hidden = Boolean(state.reply_as_field);
      for (const [name, { input, seen }] of radios) {
        const way = state.ways[name];
        input.checked = name === as;
        input.disabled = Boolean(way.why_not) && name !== as;
        seen.textContent = name === "auto" ? t(way.visibility === "private" ? "private" : "public") : way.why_not ? t("not_possible") : "";
        if (way.why_not) input.setAttribute("aria-describedby", "h-window");
        else input.removeAttribute("aria-describedby");
      }
      const why = state.ways[as].why_not || (as !== "private" && state.ways.private.why_not) || "";
      sentence.hidden = !why;
      sentence.replaceChildren(...(why ? [drawing("bad"), why] : []));
    },
    fill(...children) {
      result.replaceChildren(...children.flat().filter(Boolean));
    },
  };
}

// Nothing typed yet: where an answer would go.
export function empty(state, as) {
  const way = state.ways[as];
  return [
    place(state, way.visibility, way.answers, way.because),
    way.most > 0 && h("p", { class: "soft" }, t("room", { most: figure(way.most), unit: unitWord(way.unit) })),
  ];
}

export function note() {
  return [h("p", { class: "where" }, drawing("note"), h("span", {}, t("note_stays")))];
}

export function failed() {
  return [h("p", { class: "warning" }, drawing("bad"), t("no_preview"))];
}

export function preview(state, found, way, answerPrivately) {
  const children = [place(state, found.visibility, found.answers, found.because)];
  if (found.why_not) children.push(box("bad", t("would_not_go"), [found.why_not]));
  if (found.too_long) children.push(box("bad", t("too_long"), [found.too_long]));
  if (found.parts.length) {
    if (found.parts.length > 1) children.push(h("p", {}, t("cut", { number: figure(found.parts.length) })));
    children.push(h("ol", { class: "parts" }, found.parts.map((part, at) => card(state, part, at, found.parts.length, way.unit))));
  }
  if (found.findings.length || found.held) children.push(findings(state, found, answerPrivately));
  if (found.notice.will) {
    children.push(h("div", { class: "notice" }, h("h3", {}, t("notice_heading")),
      found.notice.text ? h("blockquote", { dir: "auto" }, found.notice.text) : "",
      h("p", { class: "soft" }, found.notice.says)));
  }
  return children;
}

function place(state, which, answers, because) {
  const post = state.posts.find((one) => one.id === answers);
  const name = post && (post.author.handle || post.author.name);
  const where = which === "private" ? "goes_private" : "goes_public";
  return h("div", { class: `where ${which}` },
    h("p", {}, visibility(which), h("strong", {}, name ? t(`${where}_to`, { name }) : t(where))),
    because ? h("p", { class: "soft" }, because) : "");
}

function card(state, part, at, all, unit) {
  const over = part.used > part.most;
  return h("li", { class: over ? "part over" : "part" },
    h("p", { class: "facts" },
      h("strong", {}, state.conversation.account),
      all > 1 ? h("span", {}, t("part", { at: figure(at + 1), all: figure(all) })) : "",
      h("span", { class: "count" }, t(over ? "count_over" : "count", { used: figure(part.used), most: figure(part.most), unit: unitWord(unit) }))),
    h("p", { class: "words", dir: "auto" }, part.text),
    h("meter", { min: 0, max: part.most, value: Math.min(part.used, part.most), high: part.most * NEARLY, optimum: 0, "aria-hidden": "true" }));
}

function findings(state, found, answerPrivately) {
  const lines = found.findings.map((finding) => h("span", {}, finding.says,
    // Most sentences hold it already.
    finding.excerpt && !finding.says.includes(finding.excerpt) ? h("q", { dir: "auto" }, finding.excerpt) : ""));
  if (found.held) lines.push(t(found.needs_second ? "will_be_held_second" : "will_be_held"));
  const made = box(found.held ? "bad" : "note", t(found.held ? "guard_stops" : "guard_warns"), lines);
  const offers = found.visibility === "public" && state.reply_as_field && !state.ways.private.why_not;
  made.append(h("p", { class: "soft" }, t(offers ? "guard_offer" : "guard_offer_words")));
  if (offers) {
    made.append(h("div", { class: "row" },
      h("button", { type: "button", class: "strong", "data-key": "privately", onclick: answerPrivately }, t("answer_privately"))));
  }
  return made;
}

function box(kind, title, lines) {
  return h("div", { class: `box ${kind}` }, h("h3", {}, drawing(kind === "bad" ? "bad" : "note"), title),
    h("ul", {}, lines.map((line) => h("li", {}, line))));
}

// How long an answer is still possible.
export function windowOf(found) {
  const time = found.closes_at ? left(found.closes_at) : "";
  if (!found.says && !time) return [];
  return [drawing("wait"), h("span", {}, time ? h("strong", {}, time) : "", time && found.says ? " · " : "", found.says)];
}

// What somebody who does not look needs to hear: not every letter, only what matters.
export function heard(found, unit) {
  const told = [t(found.visibility === "private" ? "private" : "public")];
  if (found.parts.length > 1) told.push(t("cut", { number: figure(found.parts.length) }));
  const last = found.parts.at(-1);
  if (last && last.used >= last.most * NEARLY) {
    told.push(t("count", { used: figure(last.used), most: figure(last.most), unit: unitWord(unit) }));
  }
  if (found.findings.length) told.push(counted("findings", found.findings.length));
  return [...told, ...objections(found)].join(". ");
}

// Why this reply would not go out as it stands; nothing when nothing is known against it.
export function objections(found) {
  const against = [found.why_not, found.too_long].filter(Boolean);
  if (found.held) against.push(t(found.needs_second ? "will_be_held_second" : "will_be_held"));
  return against;
}
