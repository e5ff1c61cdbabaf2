// What became of earlier replies, what was held back, and what was asked for.

import { asking } from "./asking.js";
import { drawing, h, isSafe, link } from "./page.js";
import { visibility } from "./posts.js";
import { moment, t } from "./speech.js";

const GOOD = new Set(["delivered"]);
const BAD = new Set(["refused", "expired", "needs_sign_in", "unknown", "rejected"]);

// `again(reply)` asks for another try of this very one.
export function replies(state, order, again, agent) {
  if (!state.replies.length) return "";
  // What failed before the last one has been answered for, so only the last one has the button.
  const last = state.replies.find((reply) => reply.can_retry);
  return h("section", { "aria-labelledby": "h-replies" },
    h("h2", { id: "h-replies" }, t("replies_heading")),
    h("ol", { class: "plain" }, state.replies.map((reply) => h("li", { id: `reply-${reply.id}`, class: reply.hold ? "held" : "" },
      h("p", { class: "facts" }, visibility(reply.visibility),
        reply.author ? h("span", { dir: "auto" }, reply.author) : "",
        h("time", { datetime: reply.at }, moment(reply.at))),
      h("p", { class: "words", dir: "auto" }, reply.text),
      h("p", { class: "outcome" }, drawing(reply.hold ? "bad" : mark(reply.outcome)), reply.says),
      isSafe(reply.permalink) ? h("p", { class: "soft" }, link(reply.permalink, t("open_reply"))) : "",
      reply.hold ? hold(reply, state, order, agent) : "",
      reply === last ? h("div", { class: "row" }, asking({
        key: `retry-${reply.id}`, words: t("retry"), wants: "", about: "", kind: "strong",
        act: () => again(reply),
      })) : ""))));
}

function mark(outcome) {
  if (GOOD.has(outcome)) return "good";
  return BAD.has(outcome) ? "bad" : "wait";
}

function hold(reply, state, order, agent) {
  const mine = Boolean(agent.name) && reply.author === agent.name;
  const offers = [];
  const offer = (command, wants, kind) => offers.push(asking({
    key: `${command}-${reply.id}`, words: t(`hold_${command}`), wants, about: wants ? t(`about_${command}`) : "", kind,
    act: () => order(`#${command} ${reply.id}`, t("noted")),
  }));
  if (state.ways.private && !state.ways.private.why_not) offer("dm", "", "strong");
  if (!reply.hold.needs_second) offer("anyway", "yes", "quiet");
  if (reply.hold.needs_second && !mine) offer("approve", "yes", "quiet");
  offer("withdraw", "", "quiet");
  return h("div", { class: "hold" },
    h("ul", {}, reply.hold.says.map((sentence) => h("li", {}, sentence))),
    reply.hold.needs_second ? h("p", {}, t(mine ? "second_other" : "second_you")) : "",
    h("div", { class: "row" }, offers));
}

export function deeds(state, order, agent) {
  if (!state.acts.length) return "";
  return h("section", { "aria-labelledby": "h-acts" },
    h("h2", { id: "h-acts" }, t("acts_heading")),
    h("ul", { class: "plain" }, state.acts.map((act) => {
      const mine = Boolean(agent.name) && act.asked_by === agent.name;
      return h("li", { id: `act-${act.id}` },
        h("p", {}, h("strong", {}, act.act_name), act.asked_by ? ` · ${t("asked_by", { name: act.asked_by })}` : ""),
        act.reason ? h("p", { class: "soft", dir: "auto" }, t("because", { reason: act.reason })) : "",
        h("p", {}, act.says),
        act.needs_second ? h("p", { class: "warning" }, drawing("bad"), t(mine ? "second_other" : "second_you")) : "",
        act.needs_second && !mine
          ? h("div", { class: "row" }, asking({
              key: `approve-${act.id}`, words: t("approve_act"), wants: "yes", about: t("about_approve_act", { act: act.act_name }), kind: "strong",
              act: () => order(`#approve ${act.id}`, t("noted")),
            }))
          : "");
    })));
}
