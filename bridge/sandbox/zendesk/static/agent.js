// Fetches the page again every two seconds and swaps the parts marked data-live; the reply box,
// which is not one of them, keeps what is being written.
const fresh = async () => {
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const newer = page.getElementById(part.id);
      if (newer && newer.innerHTML !== part.innerHTML) part.innerHTML = newer.innerHTML;
    }
  } catch {
    // The sandbox was stopped; the page stays as it was.
  }
};
setInterval(() => document.hidden || fresh(), 2000);
