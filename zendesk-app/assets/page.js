// Making elements. Whatever customers wrote goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

// Drawn on 16 by 16. They only repeat what stands beside them in words.
const DRAWINGS = {
  public: "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13M1.5 8h13M8 1.5c2 2 2.7 4 2.7 6.5S10 12.5 8 14.5c-2-2-2.7-4-2.7-6.5S6 3.5 8 1.5",
  private: "M4 7h8v6.5H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  good: "M2.5 8.5l3.5 3.5 7.5-8",
  bad: "M8 2l6.5 12h-13zM8 6.5v3.5M8 12v.3",
  wait: "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13M8 4.5V8l2.5 1.8",
  note: "M3 2.5h10v11H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h3",
};

export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export function drawing(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "drawing");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", DRAWINGS[name]);
  svg.append(path);
  return svg;
}

// https only; http where nobody can listen in between, on this very machine.
export function isSafe(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return false;
  }
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && ["127.0.0.1", "localhost"].includes(url.hostname);
}

// A link where the address is safe, else only the words.
export function link(address, words, given = {}) {
  if (!isSafe(address)) return h("span", {}, words);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", ...given }, words);
}

export function picture(address, given) {
  return isSafe(address) ? h("img", { src: address, loading: "lazy", referrerpolicy: "no-referrer", ...given }) : null;
}
