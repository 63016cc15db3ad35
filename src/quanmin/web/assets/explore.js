"use strict";
// Draws the chosen figures with Vega-Lite in place of the picture that came with the page, and follows the choice without a reload.
(function () {
  var form = document.getElementById("explore"), measure = document.getElementById("measure"), by = document.getElementById("by");
  if (!form || !window.fetch || !window.vegaEmbed) { return; }
  var last = 0;

  function fit() {
    var wanted = measure.value, first = null;
    Array.prototype.forEach.call(by.options, function (one) {
      var fits = one.getAttribute("data-of").split(" ").indexOf(wanted) >= 0;
      one.disabled = !fits;
      one.hidden = !fits;
      if (fits && first === null) { first = one.value; }
    });
    if (by.selectedOptions.length === 0 || by.selectedOptions[0].disabled) { by.value = first; }
  }

  function draw() {
    var shown = document.getElementById("shown"), place = document.getElementById("vega"), mine = ++last;
    var options = { ast: true, defaultStyle: false, tooltip: false, actions: false, renderer: "svg" };
    fetch(shown.getAttribute("data-spec")).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.json();
    }).then(function (spec) {
      if (mine !== last) { return null; }
      place.hidden = false;
      return window.vegaEmbed(place, spec, options).then(function () {
        var picture = shown.querySelector("figure > svg");
        if (picture) { picture.setAttribute("hidden", ""); }
      });
    }).catch(function () { place.hidden = true; });
  }

  function follow() {
    var address = form.getAttribute("action") + "?measure=" + encodeURIComponent(measure.value) + "&by=" + encodeURIComponent(by.value);
    fetch(address).then(function (answer) { return answer.text(); }).then(function (text) {
      var found = new DOMParser().parseFromString(text, "text/html").getElementById("shown");
      if (!found) { throw new Error("no chart"); }
      document.getElementById("shown").replaceWith(document.importNode(found, true));
      window.history.replaceState(null, "", address);
      draw();
    }).catch(function () { form.submit(); });
  }

  form.addEventListener("change", function () { fit(); follow(); });
  form.addEventListener("submit", function (event) { event.preventDefault(); fit(); follow(); });
  fit();
  draw();
})();
