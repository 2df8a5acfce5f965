// Going back loads most pages anew and puts back what was typed: the forms' keys are put back with it (decision 19).
addEventListener("DOMContentLoaded", () => { // the admin loads this before its forms
  const keys = [...document.querySelectorAll("input[name=once]")];
  const kept = history.state?.once || [];
  const back = performance.getEntriesByType("navigation")[0].type === "back_forward";
  if (back && kept.length === keys.length) keys.forEach((key, place) => { key.value = kept[place]; });
  else history.replaceState({ ...history.state, once: keys.map((key) => key.value) }, "");
});

// Drafts of the day, from data-draft to data-draft-done (decision 10).
(() => {
  const store = (key) => `draft:${key}`;
  const done = document.querySelector("[data-draft-done]");
  if (done) localStorage.removeItem(store(done.dataset.draftDone));
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const key = store(form.dataset.draft);
  const kept = (field) => field.name && field.name !== "csrfmiddlewaretoken" && field.type !== "hidden";
  const draft = JSON.parse(localStorage.getItem(key) || "null");
  const day = new Date().toDateString();
  if (draft && draft[""] === day && !("bound" in form.dataset)) {
    for (const field of form.elements) {
      if (!kept(field) || !(field.name in draft)) continue;
      if (field.type === "radio") field.checked = field.value === draft[field.name];
      else field.value = draft[field.name];
    }
  }
  form.addEventListener("input", () => {
    const values = { "": day };
    for (const field of form.elements) {
      if (kept(field) && (field.type !== "radio" || field.checked)) values[field.name] = field.value;
    }
    localStorage.setItem(key, JSON.stringify(values));
  });
})();
