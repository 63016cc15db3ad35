"use strict";
// Forms for scanners: what a scanner sends after a number goes to the next field, and does not send the form. Pages work without.
(function () {
  var forms = document.querySelectorAll("form[data-scan]");
  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (one) {
      return one.type !== "hidden" && one.tagName !== "FIELDSET" && !one.disabled && one.getClientRects().length;
    });
  }
  Array.prototype.forEach.call(forms, function (form) {
    form.addEventListener("keydown", function (event) {
      var at = event.target;
      if (event.key !== "Enter" || event.isComposing || !/^(INPUT|SELECT)$/.test(at.tagName)) { return; }
      event.preventDefault();
      if (event.ctrlKey) { form.requestSubmit(); return; }
      var all = fields(form), next = all[all.indexOf(at) + 1];
      if (next) { next.focus(); if (next.select) { next.select(); } }
    });
  });
  var first = document.querySelector("form[data-first]");
  if (first && !document.getElementById("problems")) { var at = fields(first)[0]; if (at) { at.focus(); if (at.select) { at.select(); } } }
})();
