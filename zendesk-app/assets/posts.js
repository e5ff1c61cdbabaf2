// What people said on the network, as it stands there.

import { asking } from "./asking.js";
import { drawing, h, isSafe, link, picture } from "./page.js";
import { counted, moment, t } from "./speech.js";

const WITH_REASON = new Set(["hide", "delete", "block"]);
// What takes something back is offered once there is something to take back.
const AFTER = { unlike: "like", unhide: "hide", unblock: "block" };
const KNOWN = ["like", "unlike", "hide", "unhide", "delete", "block", "unblock"];

// The post that the answer goes to stands first, else the newest; the others can be unfolded.
export function posts(state, answers, order) {
  const theirs = state.posts.filter((post) => !post.by_us);
  const first = state.posts.find((post) => post.id === answers) || theirs.at(-1) || state.posts.at(-1);
  const others = state.posts.filter((post) => post !== first);
  const asked = new Set(state.acts.map((act) => act.act));
  const section = h("section", { "aria-labelledby": "h-post" }, h("h2", { id: "h-post" }, t("post_heading")));
  if (!first) {
    section.append(h("p", { class: "soft" }, t("no_post")));
    return section;
  }
  section.append(card(first, order, asked, true));
  if (others.length) {
    section.append(h("details", { "data-key": "earlier" },
      h("summary", {}, counted("other_posts", others.length)),
      others.map((post) => card(post, order, asked, false))));
  }
  return section;
}

function card(post, order, asked, isFirst) {
  const gone = post.state === "gone";
  return h("article", { class: `post${post.by_us ? " ours" : ""}${gone ? " gone" : ""}`, id: `post-${post.id}` },
    who(post.author),
    h("p", { class: "facts" },
      visibility(post.visibility),
      h("span", {}, post.kind_name),
      h("time", { datetime: post.created_at }, moment(post.created_at)),
      post.edited ? h("span", {}, t("edited")) : ""),
    gone ? h("p", { class: "warning" }, drawing("bad"), t("gone")) : "",
    h("p", { class: "words", dir: "auto" }, post.text || t("no_words")),
    media(post.media),
    post.labels.length ? h("ul", { class: "labels" }, post.labels.map((label) => h("li", {}, label))) : "",
    post.unanswerable ? h("p", { class: "warning" }, drawing("bad"), post.unanswerable) : "",
    isSafe(post.permalink) ? h("p", { class: "soft" }, link(post.permalink, t("open_post"))) : "",
    acts(post, order, asked, isFirst));
}

function who(author) {
  const letter = [...(author.name || author.handle || "?")][0].toUpperCase();
  const face = picture(author.avatar_url, { alt: "", width: 36, height: 36, class: "face" })
    || h("span", { class: "face", "aria-hidden": "true" }, letter);
  face.addEventListener?.("error", () => face.replaceWith(h("span", { class: "face", "aria-hidden": "true" }, letter)), { once: true });
  const handle = author.handle && author.handle !== author.name ? link(author.profile_url, author.handle) : "";
  return h("header", { class: "who" }, face,
    h("div", {},
      h("strong", { dir: "auto" }, author.name || author.handle || t("nameless")),
      h("p", { class: "soft" }, handle,
        author.followers === null || author.followers === undefined ? "" : h("span", {}, counted("followers", author.followers)))));
}

export function visibility(which) {
  return h("span", { class: `seen ${which}` }, drawing(which === "private" ? "private" : "public"),
    t(which === "private" ? "private" : "public"));
}

function media(files) {
  if (!files.length) return "";
  return h("ul", { class: "media" }, files.map((file) => {
    const says = file.description || t(kindOf(file.content_type));
    const seen = file.content_type.startsWith("image/") && picture(file.url, { alt: says, class: "shot" });
    return h("li", {}, seen ? link(file.url, seen) : link(file.url, says));
  }));
}

function kindOf(contentType) {
  const kind = contentType.split("/")[0];
  return ["image", "video", "audio"].includes(kind) ? `media_${kind}` : "media_file";
}

function acts(post, order, asked, isFirst) {
  const known = KNOWN.filter((act) => post.acts.includes(act) && (!AFTER[act] || asked.has(AFTER[act])));
  if (!known.length || post.state === "gone") return "";
  return h("div", { class: "row acts", role: "group", "aria-label": t("acts_on", { name: post.author.name || post.author.handle }) },
    known.map((act) => asking({
      key: `${act}-${post.id}`,
      words: t(`act_${act}`),
      wants: WITH_REASON.has(act) ? "reason" : "",
      about: WITH_REASON.has(act) ? t(`about_${act}`) : "",
      kind: isFirst ? "quiet" : "quiet small",
      act: (reason) => order([`#${act}`, post.id, reason].filter(Boolean).join(" "), t("noted")),
    })));
}
