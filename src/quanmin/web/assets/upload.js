"use strict";
// A file goes up in parts, is asked again where the connection breaks, and goes on where it stopped, also after the page was left.
(function () {
  var PART = 8 * 1024 * 1024, TRIES = 12;

  function setUp(form) {
    var input = form.querySelector("input[type=file]"), course = form.querySelector("[data-role=course]");
    var bar = course.querySelector("progress"), words = course.querySelector("[data-role=words]");
    var pause = course.querySelector("[data-role=pause]"), go = course.querySelector("[data-role=go]");
    var stop = course.querySelector("[data-role=stop]"), button = form.querySelector("button[type=submit]");
    var file = null, place = null, offset = 0, tries = 0, request = null, timer = null, began = 0, from = 0, busy = false, said = 0;

    // Not form.dataset: the form has a field of that name, which stands in its place.
    function told(name) { return form.getAttribute("data-" + name); }
    function key() { return ["quanmin-upload", told("account"), file.name, file.size, file.lastModified].join("|"); }
    function remember(value) { try { if (value) { localStorage.setItem(key(), value); } else { localStorage.removeItem(key()); } } catch (e) { /* no storage: no resuming after the page is left */ } }
    function known() { try { return localStorage.getItem(key()); } catch (e) { return null; } }
    function say(text) { words.textContent = text; }

    function show(done) {
      bar.value = file.size ? done / file.size : 0;
      var now = Date.now(), speed = (done - from) / Math.max(1, now - began);
      if (now - said < 1000 && done < file.size) { return; }
      said = now;
      var left = speed > 0 ? Math.ceil((file.size - done) / speed / 1000) : 0;
      say(Math.floor(bar.value * 100) + " % " + told("sent") + (left && done < file.size ? ", " + left + " s " + told("left") : ""));
    }

    function ask(method, address, headers, body, then) {
      var own = request = new XMLHttpRequest();
      own.open(method, address);
      own.setRequestHeader("Accept", "application/json");
      own.setRequestHeader("Tus-Resumable", "1.0.0");
      Object.keys(headers).forEach(function (name) { own.setRequestHeader(name, headers[name]); });
      own.onload = function () { request = null; then(own); };
      own.onerror = own.ontimeout = function () { request = null; again(); };
      if (body) { own.upload.onprogress = function (event) { show(offset + event.loaded); }; }
      own.send(body);
    }

    function wrong(answer) {
      var error = null;
      try { error = JSON.parse(answer.responseText); } catch (e) { error = null; }
      if (answer.status >= 500 || answer.status === 429 || answer.status === 0) { again(); return; }
      if (answer.status === 403) { end(told("out")); return; }
      var language = document.documentElement.lang.slice(0, 2);
      if (error) { remember(null); }
      end(error && error.message ? error.message[language] + " " + error.next_step[language] : told("failed"));
    }

    function again() {
      if (!busy) { return; }
      tries += 1;
      if (tries > TRIES) { end(told("failed")); return; }
      say(told("again"));
      timer = setTimeout(look, Math.min(30000, 500 * Math.pow(2, tries)));
    }

    function create() {
      var name = btoa(unescape(encodeURIComponent(file.name)));
      ask("POST", told("upload"), { "Upload-Length": String(file.size), "Upload-Metadata": "filename " + name }, null, function (answer) {
        if (answer.status !== 201) { wrong(answer); return; }
        place = answer.getResponseHeader("Location");
        remember(place);
        offset = 0;
        part();
      });
    }

    function look() {
      if (!place) { create(); return; }
      ask("HEAD", place, {}, null, function (answer) {
        if (answer.status === 404) { remember(null); place = null; create(); return; }
        if (answer.status !== 200) { wrong(answer); return; }
        offset = Number(answer.getResponseHeader("Upload-Offset"));
        from = offset; began = Date.now();
        part();
      });
    }

    function part() {
      show(offset);
      if (offset >= file.size) { finish(); return; }
      var piece = file.slice(offset, Math.min(offset + PART, file.size));
      ask("PATCH", place, { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" }, piece, function (answer) {
        if (answer.status === 409) { again(); return; }
        if (answer.status !== 204) { wrong(answer); return; }
        offset = Number(answer.getResponseHeader("Upload-Offset"));
        tries = 0;
        part();
      });
    }

    function finish() {
      remember(null);
      say(told("checking"));
      busy = false;
      var handle = document.createElement("input");
      handle.type = "hidden"; handle.name = "upload"; handle.value = place.split("/").pop();
      form.appendChild(handle);
      input.disabled = true;
      form.enctype = "application/x-www-form-urlencoded";
      form.action = told("then");
      HTMLFormElement.prototype.submit.call(form);
    }

    function end(text) {
      busy = false;
      say(text);
      button.disabled = false;
      pause.hidden = true; go.hidden = true;
      words.setAttribute("tabindex", "-1");
      words.focus();
    }

    function halt() {
      clearTimeout(timer);
      if (request) { request.onload = request.onerror = null; request.abort(); request = null; }
    }

    form.addEventListener("submit", function (event) {
      file = input.files[0];
      var empty = Array.prototype.some.call(form.querySelectorAll("select"), function (one) { return !one.value; });
      if (!file || empty || !file.size) { return; }
      event.preventDefault();
      if (busy) { return; }
      busy = true; tries = 0; place = known(); began = Date.now(); from = 0;
      course.hidden = false; pause.hidden = false; go.hidden = true; button.disabled = true;
      look();
    });
    pause.addEventListener("click", function () { halt(); busy = false; pause.hidden = true; go.hidden = false; go.focus(); say(told("paused")); });
    go.addEventListener("click", function () { busy = true; tries = 0; go.hidden = true; pause.hidden = false; pause.focus(); look(); });
    stop.addEventListener("click", function () {
      halt();
      if (place) { remember(null); ask("DELETE", place, {}, null, function () {}); }
      place = null; busy = false; button.disabled = false; course.hidden = true; input.focus();
    });
    window.addEventListener("online", function () { if (busy && !request) { clearTimeout(timer); tries = 0; look(); } });

    form.addEventListener("dragover", function (event) { event.preventDefault(); form.classList.add("over"); });
    form.addEventListener("dragleave", function () { form.classList.remove("over"); });
    form.addEventListener("drop", function (event) {
      event.preventDefault();
      form.classList.remove("over");
      if (event.dataTransfer && event.dataTransfer.files.length) { input.files = event.dataTransfer.files; input.focus(); }
    });
    document.addEventListener("dragover", function (event) { event.preventDefault(); });
    document.addEventListener("drop", function (event) { if (!form.contains(event.target)) { event.preventDefault(); } });
  }

  // The page of a file that is being checked: goes on by itself.
  function watch(place) {
    var bar = place.querySelector("progress"), state = place.querySelector("[data-role=state]");
    var language = document.documentElement.lang.slice(0, 2);
    function look() {
      fetch(place.dataset.job + ".json", { headers: { Accept: "application/json" } }).then(function (answer) {
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.json();
      }).then(function (told) {
        if (!told.open) { window.location.replace(told.receipt ? place.dataset.base + told.receipt : place.dataset.job); return; }
        if (told.share !== null) { bar.value = told.share; }
        if (state.textContent !== told.state_title[language]) { state.textContent = told.state_title[language]; }
        setTimeout(look, 1000);
      }).catch(function () { setTimeout(look, 5000); });
    }
    setTimeout(look, 500);
  }

  Array.prototype.forEach.call(document.querySelectorAll("form[data-upload]"), setUp);
  Array.prototype.forEach.call(document.querySelectorAll("[data-job]"), watch);
})();
