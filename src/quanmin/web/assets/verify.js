"use strict";
// The square code of a certificate leads here with number and code behind "#", which no server is sent: they go into the form, and out
// of the address. Without this script they are typed.
(function () {
  var found = /^#([A-Za-z][0-9]{9})\.([0-9A-Za-z-]{16,24})$/.exec(window.location.hash);
  if (!found) { return; }
  var number = document.querySelector('#form-answer [name="number"]');
  var code = document.querySelector('#form-answer [name="code"]');
  if (!number || !code) { return; }
  number.value = found[1];
  code.value = found[2];
  window.history.replaceState(null, "", window.location.pathname);
  document.querySelector("#form-answer button[type=submit]").focus();
})();
