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
