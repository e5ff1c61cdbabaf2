// All that goes through Zendesk: the ticket, the draft, the service behind its proxy, notes.

const PATIENCE = 15000; // milliseconds, for an answer of the service

export const REPLY_AS = { auto: "bridge_reply_auto", public: "bridge_reply_public", private: "bridge_reply_private" };

// Zendesk's proxy fills in what stands between two braces wherever it stands, its secret included. JSON
// itself never has two in a row, so these are always somebody's words, and mean the same written so.
const literal = (json) => json.replaceAll("{{", "{\\u007b");

export class Desk {
  constructor(client) {
    this.client = client;
    this.agent = { id: "", name: "", locale: "en" };
    this.ticket = "";
    this.scheme = "";
    this.#settings = {};
  }

  #settings;
  #subdomain = "";

  async open() {
    const [about, context, metadata] = await Promise.all([
      this.client.get(["ticket.id", "currentUser", "colorScheme"]),
      this.client.context(),
      this.client.metadata(),
    ]);
    const user = about.currentUser || {};
    this.agent = { id: String(user.id || ""), name: user.name || "", locale: user.locale || "en" };
    this.ticket = String(about["ticket.id"] || "");
    this.scheme = about.colorScheme || "";
    this.#settings = (metadata && metadata.settings) || {};
    this.#subdomain = (context && context.account && context.account.subdomain) || "";
  }

  // What is being written: its words, whether it is a note, how many files, and as what it would go.
  async draft(field) {
    const choice = field && `ticket.customField:custom_field_${field}`;
    const paths = ["comment.text", "comment.type", "comment.attachments"];
    const found = await this.client.get(choice ? [...paths, choice] : paths);
    const tag = choice ? found[choice] : "";
    return {
      text: found["comment.text"] || "",
      isNote: /internal/i.test(found["comment.type"] || ""),
      files: (found["comment.attachments"] || []).length,
      as: Object.keys(REPLY_AS).find((name) => REPLY_AS[name] === tag) || "auto",
    };
  }

  setReplyAs(field, as) {
    return this.client.set(`ticket.customField:custom_field_${field}`, REPLY_AS[as]);
  }

  // Asks the service. The proxy signs; the secret never comes here. Throws {status} (0: no answer).
  async ask(path, body) {
    const address = String(this.#settings.bridge_url || "").trim().replace(/\/+$/, "");
    return patiently(this.client.request({
      url: `${address}${path}`,
      type: "POST",
      contentType: "application/json",
      dataType: "json",
      data: literal(JSON.stringify({ locale: this.agent.locale, ...body })),
      secure: true,
      cors: false,
      headers: { Authorization: "Bearer {{jwt.token}}" },
      jwt: {
        algorithm: "HS256",
        secret_key: "{{setting.shared_secret}}",
        expiry: 60,
        claims: { iss: `${this.#subdomain}.zendesk.com`, aud: "bridge", sub: this.agent.id },
      },
    }));
  }

  // An internal note in the agent's own name: Zendesk says who wrote it, nobody has to believe us.
  note(words) {
    return patiently(this.client.request({
      url: `/api/v2/tickets/${encodeURIComponent(this.ticket)}.json`,
      type: "PUT",
      contentType: "application/json",
      dataType: "json",
      data: JSON.stringify({ ticket: { comment: { body: words, public: false } } }),
    }));
  }
}

async function patiently(request) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject({ status: 0 }), PATIENCE);
  });
  try {
    const answer = await Promise.race([request, late]);
    return typeof answer === "string" ? JSON.parse(answer) : answer;
  } catch (error) {
    throw { status: Number((error && error.status) || 0) };
  } finally {
    clearTimeout(timer);
  }
}
