// The same person elsewhere, on all networks.

import { h } from "./page.js";
import { counted, moment, t } from "./speech.js";

export function people(state, openTicket) {
  if (!state.contacts.length) return "";
  return h("section", { "aria-labelledby": "h-people" },
    h("h2", { id: "h-people" }, t("contacts_heading")),
    h("ul", { class: "plain" }, state.contacts.map((contact) => h("li", {},
      h("p", {}, h("strong", {}, contact.network_name), " ", h("span", { dir: "auto" }, contact.handle)),
      h("p", { class: "soft" }, counted("contact_posts", contact.posts), " · ",
        h("time", { datetime: contact.last_at }, moment(contact.last_at)), " ",
        contact.ticket
          ? h("button", { type: "button", class: "linkish", "data-key": `ticket-${contact.ticket}`, onclick: () => openTicket(contact.ticket) },
              t("ticket", { number: contact.ticket }))
          : "")))));
}
