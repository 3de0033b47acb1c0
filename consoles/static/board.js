// The board in a browser: news by a stream, and dark by itself when none come. Written for the browsers of old televisions (ES5).
(function () {
  "use strict";
  var live = document.getElementById("live");
  var heard = new Date().getTime();
  var base = age();
  var stream = null;

  function age() {
    return Number(document.getElementById("board").getAttribute("data-age"));
  }

  function listen() {
    stream = new EventSource(live.getAttribute("data-stream"));
    stream.onmessage = function (event) {
      live.innerHTML = event.data;
      heard = new Date().getTime();
      base = age();
    };
  }

  // No news: first the page says that it is old, then it shows no numbers.
  function watch() {
    var seconds = base + (new Date().getTime() - heard) / 1000;
    var board = document.getElementById("board");
    if (seconds >= Number(live.getAttribute("data-stale-s"))) board.className = board.className.replace("fresh", "stale");
    if (seconds >= Number(live.getAttribute("data-dark-s"))) {
      board.hidden = true;
      document.getElementById("dark").hidden = false;
    }
    if (stream && stream.readyState === 2) listen();
  }

  if (window.EventSource) {
    listen();
    setInterval(watch, 1000);
  } else {
    setTimeout(function () { location.reload(); }, 5000);
  }
})();
