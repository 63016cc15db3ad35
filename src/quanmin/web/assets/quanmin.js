"use strict";
// Small comforts over pages that work without them: focus on what is wrong, confirmation of what cannot be undone.
(function () {
  var wrong = document.getElementById("problems");
  if (wrong) { wrong.setAttribute("tabindex", "-1"); wrong.focus(); }
  document.addEventListener("submit", function (event) {
    var words = event.target.getAttribute("data-confirm");
    if (words && !window.confirm(words)) { event.preventDefault(); }
  });
})();
