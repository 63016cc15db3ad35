"use strict";
// Passkeys (WebAuthn): a form with data-passkey="create" or "get" asks the server what the browser is to be asked, lets the browser
// answer, and sends the answer along in a hidden field that it adds. Without script, or without passkeys in the browser, its button stays hidden.
(function () {
  if (!window.PublicKeyCredential || !navigator.credentials) { return; }

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (sign) { return sign.charCodeAt(0); });
  }
  function words(buffer) {
    var text = "";
    new Uint8Array(buffer).forEach(function (one) { text += String.fromCharCode(one); });
    return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function named(list) {
    return (list || []).map(function (one) { return Object.assign({}, one, { id: bytes(one.id) }); });
  }
  function opened(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) { options.user.id = bytes(options.user.id); }
    if (options.excludeCredentials) { options.excludeCredentials = named(options.excludeCredentials); }
    if (options.allowCredentials) { options.allowCredentials = named(options.allowCredentials); }
    return options;
  }
  function closed(credential) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (credential.response[name]) { response[name] = words(credential.response[name]); }
    });
    return JSON.stringify({ id: credential.id, rawId: words(credential.rawId), type: credential.type, response: response });
  }
  async function answered(form, kind) {
    var asked = await fetch(form.dataset.options, {
      method: "POST", headers: { accept: "application/json" },
      body: new URLSearchParams(kind === "get" ? { account: form.elements.account.value } : {})
    });
    if (!asked.ok) { throw new Error("refused"); }
    var options = { publicKey: opened(await asked.json()) };
    return closed(await navigator.credentials[kind](options));
  }

  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    var kind = form.dataset.passkey;
    var button = form.querySelector(kind === "get" ? "[data-passkey-button]" : "button");
    var field = document.createElement("input");
    field.type = "hidden";
    field.name = kind === "get" ? "passkey" : "answer";
    form.append(field);
    button.hidden = false;
    button.addEventListener("click", function (event) {
      event.preventDefault();
      form.querySelector("[role=alert].problem").hidden = true;
      button.disabled = true;
      answered(form, kind).then(function (answer) {
        field.value = answer;
        if (kind === "get") { form.elements.code.value = ""; }
        form.submit();
      }).catch(function () {
        form.querySelector("[role=alert].problem").hidden = false;
        button.disabled = false;
      });
    });
  });
})();
