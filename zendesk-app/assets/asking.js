// A button that asks before it acts: for a reason, or only whether it is meant.

import { h } from "./page.js";
import { t } from "./speech.js";

let last = 0;

// `wants`: "reason", "yes" or "" (at once). `about` says what will happen. `act(reason)` does it and
// says whether it was done. "left" is told to whatever is around it once nothing is being filled in.
export function asking({ key, words, wants, about, act, kind = "quiet" }) {
  const place = h("div", { class: "asking" });
  const button = h("button", { type: "button", class: kind, "data-key": key, onclick: open }, words);
  place.append(button);

  async function open() {
    if (!wants) {
      await perform("");
      return;
    }
    button.setAttribute("aria-expanded", "true");
    const id = `reason-${(last += 1)}`;
    const reason = h("input", { id, type: "text", maxlength: 300, autocomplete: "off", "aria-describedby": `${id}-about` });
    const problem = h("p", { class: "problem", role: "alert" });
    const form = h("form", { class: "ask", onsubmit: decide, onkeydown: leave, "aria-label": words },
      h("p", { id: `${id}-about`, class: "soft" }, about),
      wants === "reason" ? h("label", { for: id }, t("reason")) : "",
      wants === "reason" ? reason : "",
      problem,
      h("div", { class: "row" },
        h("button", { type: "submit", class: "strong" }, words.replace(/\s*…$/, "")),
        h("button", { type: "button", class: "quiet", onclick: close }, t("cancel"))));
    button.hidden = true;
    place.append(form);
    (wants === "reason" ? reason : form.querySelector("button")).focus();

    async function decide(event) {
      event.preventDefault();
      const given = reason.value.replace(/\s+/g, " ").trim();
      if (wants === "reason" && !given) {
        problem.textContent = t("reason_needed");
        reason.setAttribute("aria-invalid", "true");
        reason.focus();
        return;
      }
      await perform(given);
    }
  }

  function leave(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  }

  function close() {
    place.querySelector("form")?.remove();
    button.hidden = false;
    button.removeAttribute("aria-expanded");
    button.focus();
    place.dispatchEvent(new Event("left", { bubbles: true }));
  }

  async function perform(reason) {
    const all = place.querySelectorAll("button");
    all.forEach((one) => { one.disabled = true; });
    const done = await act(reason);
    all.forEach((one) => { one.disabled = false; });
    if (done) close();
  }

  return place;
}
