// What arrives shows up by itself; the form is never touched. Without this, reloading does the same.
"use strict";
const feed = document.getElementById("feed");
if (feed) {
  // As a browser spells it, to be compared with what it shows. What arrived between the making of
  // the page and the first look is news like any other.
  const spelt = (html) => {
    const sheet = document.createElement("template");
    sheet.innerHTML = html;
    return sheet.innerHTML;
  };
  let shown = feed.innerHTML;
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(feed.dataset.from);
      if (!answer.ok) return;
      const now = spelt(await answer.text());
      if (now !== shown) feed.innerHTML = now;
      shown = now;
      document.body.classList.remove("away");
    } catch (error) {
      document.body.classList.add("away"); // the sandbox was stopped: say so, keep what is shown
    }
  };
  look();
  setInterval(look, 2000);
}
