// Starts the app, keeps it true to the ticket, and passes on what the agent decides.

import * as drafts from "./draft.js";
import { h } from "./page.js";
import { people } from "./people.js";
import { plain } from "./plain.js";
import { posts } from "./posts.js";
import { deeds, replies } from "./replies.js";
import { speak, t } from "./speech.js";
import { Desk } from "./zendesk.js";

const TYPING = 400; // milliseconds of rest before the service is asked about a draft
const LISTENING = 1200; // and before a screen reader is told
const AGAIN = 30000; // between two looks at the ticket
const AFTER_A_NOTE = [1500, 3500, 7000, 15000]; // when a note's answer may be there
const SAVING = 5000; // how long pressing send may wait for the guard

const WHY = { 401: "not_let_in", 403: "not_let_in", 404: "not_ours", 503: "not_now" };

const app = document.getElementById("app");
const said = document.getElementById("said");
const colours = (scheme) => {
  if (["light", "dark"].includes(scheme)) document.documentElement.dataset.scheme = scheme;
};

let desk;
let state = null;
let stale = false;
let place = null; // the parts of the page, once there is a ticket to show
let seen = {}; // part → what it shows, as JSON
let draft = { text: "", isNote: false, files: 0, as: "auto" };
let found = null; // the service's answer about the draft
let asked = 0;
let warned = ""; // the draft whose sender has been warned
let listened = "";
let watched = null; // the field whose changes are followed

function tell(sentence) {
  said.textContent = "";
  // A new node each time, so that the same sentence is told twice.
  said.append(h("span", {}, sentence));
}

function rested(milliseconds, act) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), milliseconds);
  };
}

// ------------------------------------------------------------------ what stands on the ticket

async function look() {
  try {
    state = await desk.ask(`/zaf/ticket/${encodeURIComponent(desk.ticket)}`, {});
    stale = false;
  } catch (error) {
    if (state && error.status !== 404) {
      stale = true;
      place.stale.hidden = false;
      return;
    }
    state = null;
    missing(WHY[error.status] || "no_service");
    return;
  }
  draw();
}

function draw() {
  try {
    show();
  } catch (error) {
    state = null;
    missing("not_fitting");
    throw error;
  }
}

function missing(words) {
  place = null;
  seen = {};
  const quiet = words === "not_ours";
  app.setAttribute("aria-busy", "false");
  app.replaceChildren(
    h("p", quiet ? { class: "soft quietly" } : { class: "warning", role: "alert" }, t(words)),
    quiet ? "" : h("div", { class: "row" }, h("button", { type: "button", class: "quiet", onclick: look }, t("look_again"))));
}

function show() {
  if (!place) furnish();
  place.stale.hidden = !stale;
  place.title.textContent = state.conversation.network_name;
  place.account.textContent = state.conversation.account;
  follow(state.reply_as_field);
  part("replies", [state.replies, state.ways.private], () => replies(state, order, again, desk.agent));
  part("deeds", state.acts, () => deeds(state, order, desk.agent));
  part("people", state.contacts, () => people(state, (number) => desk.client.invoke("routeTo", "ticket", number)));
  written();
}

function furnish() {
  place = {
    title: h("h1", { id: "h-app" }),
    account: h("p", { class: "soft", dir: "auto" }),
    window: h("p", { class: "window", id: "h-window" }),
    stale: h("p", { class: "warning", role: "alert", hidden: true }, t("stale")),
    writing: drafts.writing(choose),
    posts: h("div"), replies: h("div"), deeds: h("div"), people: h("div"),
  };
  app.setAttribute("aria-busy", "false");
  app.replaceChildren(h("header", { class: "top" }, place.title, place.account, place.window), place.stale,
    place.posts, place.writing.section, place.replies, place.deeds, place.people);
}

// Draws a part anew when it has changed, unless somebody is just filling in a form in it; what had
// the focus has it afterwards.
function part(name, of, draw) {
  const now = JSON.stringify(of);
  if (seen[name] === now || place[name].querySelector("form")) return;
  const key = place[name].contains(document.activeElement) ? document.activeElement.dataset.key : "";
  const unfolded = place[name].querySelector("details")?.open;
  seen[name] = now;
  place[name].replaceChildren(draw());
  if (unfolded) place[name].querySelector("details")?.setAttribute("open", "");
  if (key) place[name].querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

// A note in the agent's own name asks for everything that changes something. Where Zendesk did not
// say no, it may stand on the ticket all the same.
async function order(words, thanks) {
  try {
    await desk.note(words);
  } catch (error) {
    const isRefused = error.status >= 400 && error.status < 500;
    refuse(t(isRefused ? "note_failed" : "note_unknown"));
    if (!isRefused) lookSoon();
    return false;
  }
  app.querySelector(".refused")?.remove();
  tell(thanks);
  lookSoon();
  return true;
}

// Another try of a reply as it is shown: one that came to something else since is looked at first.
async function again(reply) {
  await look();
  if (!state) return false;
  if (stale) {
    tell(t("stale"));
    return false;
  }
  const now = state.replies.find((one) => one.id === reply.id);
  if (now && now.can_retry && now.outcome === reply.outcome) return order(`#retry ${reply.id}`, t("noted_retry"));
  refuse(t("retry_moved"));
  return false;
}

function refuse(sentence) {
  tell(sentence);
  app.querySelector(".refused")?.remove();
  place?.stale.after(h("p", { class: "warning refused" }, sentence));
}

function lookSoon() {
  AFTER_A_NOTE.forEach((wait) => setTimeout(look, wait));
}

// ------------------------------------------------------------------ what is being written

function follow(field) {
  if (watched === field) return;
  watched = field;
  if (field) desk.client.on(`ticket.custom_field_${field}.changed`, typed);
  read();
}

async function choose(as) {
  draft.as = as;
  written();
  await desk.setReplyAs(state.reply_as_field, as);
  await read();
}

const typed = rested(TYPING, read);

async function read() {
  if (!state) return;
  try {
    draft = await current();
  } catch {
    return; // the ticket is being closed under our hands; the next change is read again
  }
  await consider();
}

async function current() {
  const now = await desk.draft(state.reply_as_field);
  return { ...now, text: plain(now.text) };
}

const isEmpty = (of) => of.isNote || (!of.text && !of.files);

// What the service thinks of a draft. Throws as `ask` does.
function judged(of) {
  return desk.ask(`/zaf/ticket/${encodeURIComponent(desk.ticket)}/preview`, { text: of.text, as: of.as, files: of.files, agent: desk.agent.name });
}

// Asks about the draft; an answer about an older one is dropped.
async function consider() {
  const number = (asked += 1);
  let answer = null;
  if (!isEmpty(draft)) {
    try {
      answer = await judged(draft);
    } catch {
      answer = undefined;
    }
  }
  if (number !== asked) return;
  found = answer;
  written();
}

function written() {
  if (!place || !state) return;
  const way = state.ways[draft.as];
  const answers = (found && found.answers) || way.answers;
  part("posts", [state.posts, state.acts, answers], () => posts(state, answers, order));
  place.writing.show(state, draft.as);
  place.window.replaceChildren(...drafts.windowOf((found && found.window) || state.window));
  if (draft.isNote) place.writing.fill(drafts.note());
  else if (found === undefined) place.writing.fill(drafts.failed());
  else if (found) place.writing.fill(drafts.preview(state, found, way, () => choose("private")));
  else place.writing.fill(drafts.empty(state, draft.as));
  if (found) hear();
}

const hear = rested(LISTENING, () => {
  if (!found) return;
  const sentence = drafts.heard(found, state.ways[draft.as].unit);
  if (sentence !== listened) tell(sentence);
  listened = sentence;
});

// Zendesk asks before it saves the ticket. A reply that would not go out as it stands is stopped
// once, with the reason; the same reply is let through when send is pressed again, because the agent
// decides, and the service looks anyway. Where the service cannot be asked nothing is stopped.
async function saving() {
  if (!state) return true;
  const late = new Promise((resolve) => { setTimeout(() => resolve(null), SAVING); });
  const answer = await Promise.race([lastLook(), late]);
  if (!answer) return true;
  const against = drafts.objections(answer.found);
  if (!against.length || warned === answer.of) {
    warned = "";
    return true;
  }
  warned = answer.of;
  throw new Error(`${against.join(" ")} ${t("press_again")}`);
}

// Of the very words that are being sent, whatever is typed or asked meanwhile; null where there is
// nothing to look at, or nobody to ask.
async function lastLook() {
  try {
    const sent = await current();
    if (isEmpty(sent)) return null;
    return { found: await judged(sent), of: JSON.stringify([sent.text, sent.as, sent.files]) };
  } catch {
    return null;
  }
}

// ------------------------------------------------------------------ beginning

async function begin(client) {
  desk = new Desk(client);
  await desk.open();
  speak(desk.agent.locale);
  colours(desk.scheme);
  client.on("colorScheme.changed", colours);
  for (const event of ["comment.text.changed", "comment.type.changed", "comment.attachments.changed"]) client.on(event, typed);
  client.on("ticket.save", saving);
  for (const event of ["ticket.saved", "ticket.updated", "app.activated"]) client.on(event, look);
  client.on("ticket.saved", typed);
  app.addEventListener("left", () => { if (state && place) draw(); }); // what was new meanwhile
  new ResizeObserver(rested(50, () => {
    client.invoke("resize", { width: "100%", height: `${Math.ceil(document.body.getBoundingClientRect().height)}px` }).catch(() => {});
  })).observe(document.body);
  app.replaceChildren(h("p", { class: "soft quietly" }, t("loading")));
  await look();
  setInterval(() => document.hidden || look(), AGAIN);
  setInterval(() => { if (state && place) place.window.replaceChildren(...drafts.windowOf((found && found.window) || state.window)); }, 60000);
}

colours(new URLSearchParams(location.search).get("colorScheme"));
const client = window.ZAFClient && window.ZAFClient.init();
if (client) client.on("app.registered", () => begin(client));
else {
  speak(navigator.language);
  app.setAttribute("aria-busy", "false");
  app.replaceChildren(h("p", { class: "soft quietly" }, t("only_in_zendesk")));
}
