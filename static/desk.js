// Going back loads most pages anew and puts back what was typed: the forms' keys are put back with it (decision 19).
addEventListener("DOMContentLoaded", () => { // the admin loads this before its forms
  const keys = [...document.querySelectorAll("input[name=once]")];
  const kept = history.state?.once || [];
  const back = performance.getEntriesByType("navigation")[0].type === "back_forward";
  if (back && kept.length === keys.length) keys.forEach((key, place) => { key.value = kept[place]; });
  else history.replaceState({ ...history.state, once: keys.map((key) => key.value) }, "");
});

// Who types is there: the session does not end meanwhile. What comes too late all the same is asked for the password, not lost.
const ALIVE = 240000;
let heard = Date.now();
addEventListener("input", () => {
  if (Date.now() - heard < ALIVE) return;
  heard = Date.now();
  fetch("/alive/").catch(() => {});
});

// What the first paint does without is fetched once its sheets are there: on a slow line it would take half of it. In order.
// htmx looks over a page when it is read to its end, which is over when it comes like this.
const { modules = "", scripts = "" } = document.currentScript.dataset;
const fetchLater = (sources, type) => {
  for (const src of sources.split(/\s+/).filter(Boolean)) {
    const onload = () => window.htmx?.process(document.body);
    document.head.append(Object.assign(document.createElement("script"), { src, type, async: false, onload }));
  }
};
fetchLater(modules, "module");
fetchLater(scripts, "");
