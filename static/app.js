// Conveniences only: every page works without this file.
(function () {
  'use strict';
  var root = document.documentElement;

  // Light or dark, remembered in this browser. Back at what the system wants, the system decides again.
  function systemIsDark() { return matchMedia('(prefers-color-scheme: dark)').matches; }
  function isDark() {
    var chosen = root.getAttribute('data-theme');
    return chosen ? chosen === 'dark' : systemIsDark();
  }
  function switchTheme() {
    var dark = !isDark();
    var theme = dark ? 'dark' : 'light';
    try {
      if (dark === systemIsDark()) localStorage.removeItem('latchkey-theme');
      else localStorage.setItem('latchkey-theme', theme);
    } catch (e) { /* not remembered, then */ }
    if (dark === systemIsDark()) root.removeAttribute('data-theme');
    else root.setAttribute('data-theme', theme);
  }

  function copy(button) {
    navigator.clipboard.writeText(button.dataset.copy).then(function () {
      var label = button.querySelector('.visually-hidden');
      button.classList.add('lk-copied');
      if (label) label.textContent = 'Copied';
      setTimeout(function () {
        button.classList.remove('lk-copied');
        if (label) label.textContent = 'Copy';
      }, 2000);
    });
  }

  // Relative times under a day move on while the page is open. The server's clock counts, not this machine's.
  var served = Date.parse(root.getAttribute('data-now') || '');
  var opened = Date.now();
  function phrase(count, unit, future) {
    var text = count + ' ' + unit + (count === 1 ? '' : 's');
    return future ? 'in ' + text : text + ' ago';
  }
  function refreshTimes() {
    if (isNaN(served)) return;
    var now = served + (Date.now() - opened);
    document.querySelectorAll('time[data-relative]').forEach(function (time) {
      var span = (Date.parse(time.dateTime) - now) / 1000;
      var future = span > 0;
      var seconds = Math.abs(Math.trunc(span));
      var text;
      if (seconds < 45) text = future ? 'in a moment' : 'just now';
      else if (seconds < 45 * 60) text = phrase(Math.floor((seconds + 30) / 60), 'minute', future);
      else if (seconds < 22 * 3600) text = phrase(Math.floor((seconds + 1800) / 3600), 'hour', future);
      else return;
      if (time.textContent !== text) time.textContent = text;
    });
  }

  // A long list of choices shows those that contain what is typed; chosen ones stay in sight.
  document.addEventListener('input', function (event) {
    var filter = event.target;
    if (!(filter instanceof HTMLInputElement) || !filter.matches('[data-filter-choices]')) return;
    var wanted = filter.value.trim().toLowerCase();
    filter.closest('fieldset').querySelectorAll('.lk-choice').forEach(function (choice) {
      var box = choice.querySelector('input');
      choice.hidden = !box.checked && choice.textContent.toLowerCase().indexOf(wanted) < 0;
    });
  });
  // Entries that can be added to always have an empty one at the end.
  document.addEventListener('input', function (event) {
    var entries = event.target.closest('[data-entries]');
    var all = entries ? entries.querySelectorAll('.lk-entry') : [];
    var last = all[all.length - 1];
    if (!last || !last.contains(event.target) || !event.target.value || all.length > 200) return;
    var more = last.cloneNode(true);
    var input = more.querySelector('input');
    input.value = '';
    input.id = input.id + 'n';
    input.setAttribute('aria-label', input.getAttribute('aria-label').replace(/\d+$/, all.length + 1));
    input.removeAttribute('aria-invalid');
    input.removeAttribute('aria-describedby');
    more.querySelectorAll('.lk-field-error').forEach(function (e) { e.remove(); });
    last.after(more);
  });
  document.addEventListener('keydown', function (event) {
    var target = event.target;
    if (event.key === 'Enter' && target instanceof Element && target.matches('[data-filter-choices]')) event.preventDefault();
  });

  // What needs a script stays hidden until one runs; also in fragments that come later.
  function reveal(within) {
    within.querySelectorAll('[data-theme-switch][hidden]').forEach(function (e) { e.hidden = false; });
    within.querySelectorAll('[data-filter-choices][hidden]').forEach(function (e) { e.hidden = false; });
    if (navigator.clipboard) within.querySelectorAll('[data-copy][hidden]').forEach(function (e) { e.hidden = false; });
  }

  document.addEventListener('click', function (event) {
    var target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    if (target.closest('[data-theme-switch]')) switchTheme();
    var copyButton = target.closest('[data-copy]');
    if (copyButton) copy(copyButton);
    document.querySelectorAll('details[data-menu][open]').forEach(function (menu) {
      if (!menu.contains(target)) menu.open = false;
    });
  });
  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') return;
    document.querySelectorAll('details[data-menu][open]').forEach(function (menu) {
      var inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector('summary').focus();
    });
  });

  // A form is sent once, however often its button is pressed; Back brings it to life again.
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) { event.preventDefault(); return; }
    if (form.method !== 'post') return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = 'yes';
  });
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('form[data-sent]').forEach(function (form) { delete form.dataset.sent; });
  });
  document.addEventListener('htmx:afterRequest', function (event) {
    if (event.target instanceof HTMLFormElement) delete event.target.dataset.sent;
  });
  document.addEventListener('htmx:load', function (event) { reveal(event.target); refreshTimes(); });

  reveal(document);
  setInterval(refreshTimes, 30000);
})();
