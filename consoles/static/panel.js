"use strict";
// What the pages do beyond HTML: keys, the same press twice, and counting how old the figures are.
(() => {
  const SAME_PRESS_MS = 400;
  const SAME_PLACE_PX = 8;
  let press = { at: -Infinity, x: 0, y: 0 };

  // The second half of a double click may hit a button that was drawn in between: it is the same press.
  document.addEventListener("click", (event) => {
    if (event.detail === 0 || !event.target.closest("button")) return;
    const now = performance.now();
    const near = Math.hypot(event.clientX - press.x, event.clientY - press.y) < SAME_PLACE_PX;
    if (near && now - press.at < SAME_PRESS_MS) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else {
      press = { at: now, x: event.clientX, y: event.clientY };
    }
  }, true);

  // A key presses the button that shows it, or goes to its field; a key held down is one press. Letters stand for their place on
  // the keyboard, so that they are the same in every layout. Nothing of it while somebody types.
  const TYPING = "input:not([type=checkbox]):not([type=radio]), select, textarea";
  document.addEventListener("keydown", (event) => {
    if (event.repeat && event.target.closest("button")) event.preventDefault();
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest(TYPING)) return;
    const meant = `[data-key="${CSS.escape(event.key)}"], [data-code="${CSS.escape(event.code)}"]`;
    const control = document.querySelector(meant);
    if (control && !control.disabled) {
      event.preventDefault();
      control.focus();
      if (control.matches("button")) control.click();
    }
  });

  // Focus on something that a redraw took away or switched off stays near: at the visitor, never on another button.
  let held = null;
  document.addEventListener("focusin", (event) => { held = event.target; });
  document.addEventListener("htmx:after:swap", () => {
    const lost = held && (!held.isConnected || held.disabled) && [document.body, held].includes(document.activeElement);
    if (lost) document.getElementById("at")?.focus({ preventScroll: true });
  });

  let drawn = performance.now();
  const age = () => {
    const shown = document.getElementById("age");
    if (!shown) return;
    const seconds = Number(shown.dataset.age) + (performance.now() - drawn) / 1000;
    const old = seconds >= Number(shown.dataset.stale);
    if (!old) return void (shown.textContent = shown.dataset.text.replace("#", Math.floor(seconds)));
    document.getElementById("fresh").className = seconds >= Number(shown.dataset.dark) ? "dark" : "stale";
    shown.textContent = shown.dataset.old;
  };
  document.addEventListener("htmx:after:swap", () => { drawn = performance.now(); });
  setInterval(age, 1000);

  // The session has ended: the page asks to sign in.
  document.addEventListener("htmx:sse:error", (event) => {
    if (event.detail.status === 401) location.reload();
  });
})();
