// 谁到会: the figure counts on while names are tapped. Without this script the page says it once it is sent.
(() => {
  const came = document.querySelector("[data-came]");
  const figure = came?.querySelector("[data-present]");
  if (!figure) return;
  const quorum = came.querySelector("[data-quorum]"), least = Number(came.dataset.least);
  const count = () => {
    const present = came.querySelectorAll('[name="present"]:checked').length;
    figure.textContent = present;
    if (!quorum) return;
    quorum.textContent = present >= least ? "已够" : "还不够";
    quorum.className = `tag ${present >= least ? "good" : "near"}`;
  };
  came.closest("form").addEventListener("change", count);
  count();
})();
