// The stand-in for Zendesk's side of an app: what the framework's SDK in the frame expects of the
// page around it, as far as the app uses it. One app, one ticket.
const holder = document.querySelector("[data-app]");
if (holder) {
  const about = JSON.parse(holder.dataset.app);
  const form = document.querySelector("form.reply");
  const language = document.getElementById("app-locale");
  const colours = document.getElementById("app-scheme");
  const me = document.querySelector("select[name=agent]");
  const frame = document.createElement("iframe");
  const wanted = new Map(); // event → whether the app listens
  let answerSave = null;

  const kept = (select, name) => {
    if (!select) return;
    const before = sessionStorage.getItem(name);
    if (before && [...select.options].some((one) => one.value === before)) select.value = before;
    select.addEventListener("change", () => sessionStorage.setItem(name, select.value));
  };
  kept(language, "sandbox-language");
  kept(colours, "sandbox-colours");
  kept(me, "sandbox-agent");

  const scheme = () => colours.value || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const agent = () => ({ id: me ? me.value : about.agent, name: me ? me.selectedOptions[0].text : "" });
  const text = () => form?.elements.text.value || "";
  const isNote = () => form?.elements.kind.value === "note";

  // The editor gives markup, as Zendesk's does where rich text is on.
  const escaped = (words) => words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const markup = () => text().split(/\n{2,}/).filter((part) => part.trim())
    .map((part) => `<p>${escaped(part).replace(/\n/g, "<br>")}</p>`).join("");

  const replyAs = () => {
    const chosen = form?.elements.reply_as.value;
    return chosen ? `bridge_reply_${chosen}` : about.reply_as;
  };

  const values = {
    "ticket.id": () => Number(about.ticket),
    currentUser: () => ({ ...agent(), id: Number(agent().id), locale: language.value, role: "agent" }),
    colorScheme: scheme,
    "comment.text": markup,
    "comment.type": () => (isNote() ? "internalNote" : "publicReply"),
    "comment.attachments": () => [...(form?.elements.files.files || [])].map((file) => ({ filename: file.name })),
    [`ticket.customField:custom_field_${about.reply_as_field}`]: replyAs,
  };

  const post = (message) => frame.contentWindow.postMessage(JSON.stringify(message), location.origin);
  const happens = (event, message) => wanted.get(event) && post({ key: `zaf.${event}`, message });

  const doings = {
    resize: ({ height }) => { frame.style.height = height; },
    routeTo: (kind, number) => { location.href = `/agent/tickets/${encodeURIComponent(number)}`; },
  };

  const answers = {
    get: (paths) => Object.fromEntries(paths.filter((path) => values[path]).map((path) => [path, values[path]()])),
    set: (wishes) => {
      for (const [path, value] of Object.entries(wishes)) {
        if (path !== `ticket.customField:custom_field_${about.reply_as_field}`) continue;
        form.elements.reply_as.value = value.replace("bridge_reply_", "");
        happens(`ticket.custom_field_${about.reply_as_field}.changed`, value);
      }
      return wishes;
    },
    invoke: (wishes) => {
      for (const [name, given] of Object.entries(wishes)) doings[name]?.(...given);
      return {};
    },
  };

  const request = async (key, options) => {
    const outside = /^https?:/.test(options.url);
    let status;
    let words;
    try {
      const answer = outside
        ? await fetch(about.proxy, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(options) })
        : await fetch(options.url, {
            method: options.type || "GET",
            headers: { "Content-Type": options.contentType || "application/json", "X-Sandbox-Agent": agent().id },
            body: options.data,
          });
      status = answer.status;
      words = await answer.text();
      if (outside && answer.ok) ({ status, text: words } = JSON.parse(words));
    } catch {
      [status, words] = [0, ""];
    }
    if (status >= 200 && status < 300) {
      const read = options.dataType === "json" ? JSON.parse(words) : words;
      post({ key: `zaf.${key}.done`, message: { responseArgs: [read] } });
    } else {
      post({ key: `zaf.${key}.fail`, message: { responseArgs: [{ status, responseText: words }] } });
    }
  };

  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== location.origin) return;
    // The SDK sends text, but for its answers to hooks, which it sends as they are.
    const message = typeof event.data === "string" ? JSON.parse(event.data) : event.data;
    if (message.appGuid !== about.guid) return;
    if (message.request) {
      const result = answers[message.request](message.params);
      post({ id: message.id, result: { ...result, errors: {} } });
    } else if (message.key === "iframe.handshake") {
      wanted.clear();
      post({
        key: "zaf.app.registered",
        message: {
          metadata: { appId: 0, installationId: 1, name: about.name, version: "0.0", settings: about.settings },
          context: { product: "support", location: "ticket_sidebar", instanceGuid: about.guid, ticketId: Number(about.ticket), account: { subdomain: about.subdomain } },
        },
      });
    } else if (message.key.startsWith("iframe.on:")) {
      wanted.set(message.key.slice("iframe.on:".length), message.message.subscriberCount > 0);
    } else if (message.key === "iframe.reply:ticket.save") {
      answerSave?.(message.error ? message.error.msg || "The app does not agree." : "");
    } else if (message.key.startsWith("request:")) {
      request(message.key, message.message);
    }
  });

  form?.addEventListener("input", (event) => {
    const field = event.target.name;
    if (field === "text") happens("comment.text.changed", markup());
    if (field === "kind") happens("comment.type.changed", values["comment.type"]());
    if (field === "files") happens("comment.attachments.changed", values["comment.attachments"]());
    if (field === "reply_as") happens(`ticket.custom_field_${about.reply_as_field}.changed`, replyAs());
  });

  // Every app is asked before the ticket is saved; thirty seconds are all it gets.
  form?.addEventListener("submit", async (event) => {
    if (!wanted.get("ticket.save")) return;
    event.preventDefault();
    const refusal = await new Promise((resolve) => {
      answerSave = resolve;
      setTimeout(() => resolve(""), 30000);
      post({ key: "zaf.ticket.save", needsReply: true });
    });
    form.querySelector(".from-app")?.remove();
    if (!refusal) {
      form.submit();
      return;
    }
    const problem = document.createElement("p");
    problem.className = "problem from-app";
    problem.setAttribute("role", "alert");
    problem.textContent = `${about.name}: ${refusal}`;
    form.prepend(problem);
  });

  const open = () => {
    const query = new URLSearchParams({ origin: location.origin, app_guid: about.guid, colorScheme: scheme() });
    frame.src = `${about.page}?${query}`;
  };
  frame.title = about.name;
  frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-forms");
  open();
  holder.append(frame);
  language.addEventListener("change", open);
  me?.addEventListener("change", open);
  colours.addEventListener("change", () => happens("colorScheme.changed", scheme()));
}
