// Live pages: on a hint of the server, the page asks its own address again, and shows what is new in its parts.
// Nothing is replaced while it has the focus, holds what somebody typed or ticked, or is being selected.

"use strict";

(() => {
  const bar = document.getElementById("live");
  if (!bar || !window.htmx || !window.EventSource) return;

  const LEAST_MS = 2000, RETRY_MS = 30000, SAID_MS = 30000, KEY = "parcours.live.paused";
  const said = bar.querySelector("[data-said]"), shown = bar.querySelector("[data-shown]");
  const pause = bar.querySelector("[data-pause]"), show = bar.querySelector("[data-show]");
  const words = bar.dataset;
  let source = null, paused = remembered(), over = false, news = false, timer = 0, askedAt = 0, saidAt = 0, before = null;

  // What the reader chose

  function remembered() {
    try { return localStorage.getItem(KEY) === "1"; } catch { return false; }
  }

  function remember() {
    try { paused ? localStorage.setItem(KEY, "1") : localStorage.removeItem(KEY); } catch { /* for this page only */ }
  }

  // What the page is at

  const parts = () => bar.getAttribute("hx-select-oob").split(",").map(each => document.querySelector(each)).filter(Boolean);

  function touched(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (!field.options) return field.value !== field.defaultValue;
    return field.selectedIndex !== Math.max(0, [...field.options].findIndex(each => each.defaultSelected));
  }

  function busy(part) {
    const chosen = document.getSelection();
    return part.contains(document.activeElement)
      || (chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode))
      || [...part.querySelectorAll("input:not([type=hidden]), select, textarea")].some(touched);
  }

  const label = summary => summary.textContent.replace(/\d+/g, "").trim();
  const unfolded = part => [...part.querySelectorAll("details[open] > summary")].map(label);

  // Times that pass are no news.
  function content(part) {
    const copy = part.cloneNode(true);
    copy.querySelectorAll("time").forEach(each => each.remove());
    return copy.textContent;
  }

  // What the reader is told

  function say(text) {
    if (said.textContent !== text) said.textContent = text;
  }

  function mark(state, text) {
    bar.dataset.state = state;
    shown.textContent = text;
    show.hidden = state !== "waiting";
  }

  function current() {
    const time = new Date().toLocaleTimeString(document.documentElement.lang);
    mark(paused ? "paused" : "live", `${paused ? words.paused : words.live} ${time}`);
  }

  function changed() {
    if (Date.now() - saidAt < SAID_MS) return;
    saidAt = Date.now();
    said.textContent = "";
    setTimeout(() => say(words.changed), 50);
  }

  // Asking again

  function ask() {
    news = true;
    if (paused || over || document.hidden) return;
    if (parts().some(busy)) return hold();
    clearTimeout(timer);
    const wait = askedAt + LEAST_MS - Date.now();
    if (wait > 0) timer = setTimeout(ask, wait);
    else refresh();
  }

  function refresh() {
    clearTimeout(timer);
    news = false;
    askedAt = Date.now();
    htmx.trigger(bar, "hint");
  }

  function hold() {
    mark("waiting", words.waiting);
    say(words.waiting);
  }

  function again() {
    if (news) setTimeout(ask, 0);
  }

  bar.addEventListener("htmx:beforeSwap", event => {
    const elsewhere = new URL(event.detail.xhr.responseURL).pathname !== location.pathname;
    if (elsewhere) finish();
    else if (before === null && parts().some(busy)) { news = true; hold(); }
    else {
      before = new Map(parts().map(each => [each.id, { open: unfolded(each), content: content(each) }]));
      return;
    }
    event.preventDefault();
  });

  bar.addEventListener("htmx:afterRequest", event => {
    if (over) return;
    if (event.detail.failed || !event.detail.successful) mark("lost", words.lost);
    if (before === null) return;
    let differs = false;
    for (const part of parts()) {
      const was = before.get(part.id);
      if (!was) continue;
      part.querySelectorAll("details > summary").forEach(each => { each.parentNode.open ||= was.open.includes(label(each)); });
      differs ||= was.content !== content(part);
    }
    before = null;
    current();
    if (differs) changed();
  });

  // Listening

  function listen() {
    if (source || paused || over || document.hidden) return;
    source = new EventSource(words.hints);
    source.addEventListener("hint", ask);
    source.addEventListener("end", finish);
    source.addEventListener("error", () => {
      if (bar.dataset.state !== "waiting") mark("lost", words.lost);
      if (source && source.readyState === EventSource.CLOSED) { stop(); setTimeout(listen, RETRY_MS); }
    });
  }

  function stop() {
    if (source) source.close();
    source = null;
  }

  function finish() {
    over = true;
    stop();
    mark("lost", words.over);
    say(words.over);
    pause.hidden = true;
  }

  function switched() {
    pause.textContent = paused ? words.resume : words.pause;
    paused ? stop() : listen();
    current();
  }

  pause.addEventListener("click", () => { paused = !paused; remember(); switched(); });
  show.addEventListener("click", () => { before = new Map(); bar.focus(); refresh(); });
  document.addEventListener("visibilitychange", () => { document.hidden ? stop() : listen(); });
  for (const name of ["focusout", "change", "selectionchange", "reset"]) document.addEventListener(name, again);
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", event => { if (event.persisted) listen(); });

  bar.hidden = false;
  switched();
})();
