// What arrives shows up by itself, unless something is being changed. Without this, reloading does the same.
"use strict";
const feed = document.getElementById("feed");
let shown = "";
const look = async () => {
  if (document.hidden || feed.querySelector("details[open]")) return;
  try {
    const answer = await fetch(feed.dataset.from);
    if (!answer.ok) return;
    const now = await answer.text();
    if (shown && now !== shown) feed.innerHTML = now;
    shown = now;
    document.body.classList.remove("away");
  } catch (error) {
    document.body.classList.add("away"); // the sandbox was stopped: say so, keep what is shown
  }
};
look();
setInterval(look, 2000);
