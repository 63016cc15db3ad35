"use strict";
// The review of a pair by keyboard: whatever has a data-key is reached by that key, as long as nothing is being typed.
(function () {
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) { return; }
    var at = event.target, typing = at.matches("textarea, select, input:not([type=radio])");
    if (event.key === "Escape" && typing) { at.blur(); return; }
    if (typing || !/^[a-z0-9]$/.test(event.key)) { return; }
    var found = document.querySelector('[data-key="' + event.key + '"]');
    if (!found) { return; }
    event.preventDefault();
    if (found.type === "radio") { found.checked = true; found = found.form; }
    if (found.tagName === "FORM") { found.elements.reason.focus(); } else { found.click(); }
  });
})();
