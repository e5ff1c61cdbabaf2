// The words of a comment as the customer will get them.

const BREAKS = new Set(["P", "DIV", "LI", "BLOCKQUOTE", "PRE", "H1", "H2", "H3", "H4", "H5", "H6", "TR"]);
const MARKED_UP = /^\s*<(p|div|br|ul|ol|blockquote|pre|h[1-6]|table|strong|b|em|i|u|a|span|img|figure)\b[^>]*>/i;

// Zendesk's editor gives markup where rich text is on and plain text where it is not. The markup is
// parsed into a document of its own, which runs no script and loads nothing.
export function plain(text) {
  const given = String(text || "");
  if (!MARKED_UP.test(given)) return given.trim();
  const words = [];
  collect(new DOMParser().parseFromString(given, "text/html").body, words);
  return words.join("").replace(/\u00a0/g, " ").replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
}

function collect(node, words) {
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) words.push(child.data.replace(/[\r\n\t]+/g, " "));
    if (child.nodeType !== Node.ELEMENT_NODE) continue;
    if (child.tagName === "BR") words.push("\n");
    const breaks = BREAKS.has(child.tagName);
    if (breaks && words.length && !words[words.length - 1].endsWith("\n")) words.push("\n");
    collect(child, words);
    if (breaks) words.push(child.tagName === "P" ? "\n\n" : "\n");
  }
}
