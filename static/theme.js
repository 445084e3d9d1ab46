// Runs before the first paint, so that a chosen theme does not flash. Without a choice the system decides.
(function () {
  try {
    var theme = localStorage.getItem('latchkey-theme');
    if (theme === 'dark' || theme === 'light') document.documentElement.setAttribute('data-theme', theme);
  } catch (e) { /* storage may be switched off; then the system decides */ }
})();
