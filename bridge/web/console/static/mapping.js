// Line numbers beside the mapping's text, and the way from a mistake to its line. Without a script
// the editor works as well: mistakes name their lines.
"use strict";

function linesOf(area) {
  return area.value.split("\n").length;
}

function number(area) {
  const inner = area.previousElementSibling.firstElementChild;
  const wanted = linesOf(area);
  while (inner.childElementCount > wanted) inner.lastElementChild.remove();
  while (inner.childElementCount < wanted) {
    const line = document.createElement("span");
    line.textContent = String(inner.childElementCount + 1);
    inner.append(line);
  }
  follow(area);
}

function follow(area) {
  // A property set by a script is no inline style: the policy allows it.
  area.previousElementSibling.firstElementChild.style.top =
    `calc(.6rem - ${area.scrollTop}px)`;
}

function mark() {
  for (const line of document.querySelectorAll(".gutter .wrong, .gutter .advised")) {
    line.classList.remove("wrong", "advised");
  }
  for (const link of document.querySelectorAll("#checked a[data-line]")) {
    const area = document.getElementById(`file-${link.dataset.file}`);
    const line = area?.previousElementSibling.firstElementChild.children[link.dataset.line - 1];
    if (line && !line.classList.contains("wrong")) {
      line.classList.add(link.dataset.advice ? "advised" : "wrong");
    }
  }
}

function jump(event) {
  const link = event.target.closest("a[data-line]");
  const area = link && document.getElementById(`file-${link.dataset.file}`);
  if (!area) return;
  event.preventDefault();
  const lines = area.value.split("\n");
  const line = Math.min(Number(link.dataset.line), lines.length);
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + lines[line - 1].length);
  const height = area.scrollHeight / lines.length;
  area.scrollTop = Math.max(0, (line - 1) * height - area.clientHeight / 2);
  area.scrollLeft = 0;
}

for (const area of document.querySelectorAll(".numbered textarea")) {
  const gutter = document.createElement("div");
  gutter.className = "gutter";
  gutter.setAttribute("aria-hidden", "true");
  gutter.append(document.createElement("div"));
  area.before(gutter);
  area.addEventListener("input", () => number(area));
  area.addEventListener("scroll", () => follow(area));
  number(area);
}
mark();
document.addEventListener("click", jump);
document.addEventListener("htmx:afterSwap", mark);
