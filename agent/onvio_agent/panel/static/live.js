// Looks again whenever the agent says that something has changed, and greys when it says nothing.
// The page is whole without this: it only saves a click on "reload".
"use strict";

(() => {
  const SILENCE_MS = 40000; // two heartbeats may be late
  const base = document.body.dataset.base;
  let heardAt = performance.now();
  let looking = false;
  let again = false;
  let ended = false;
  let leaving = false; // a form is on its way: what comes next is its answer, and nothing else

  function heard() {
    heardAt = performance.now();
  }

  function lose() {
    if (!document.getElementById("lost").hidden) return;
    document.getElementById("lost").hidden = false;
    document.body.classList.add("lost");
    document.title = document.title.replace(/^\S+/, "○");
    for (const image of document.querySelectorAll("img.state")) image.src = `${base}/static/grey.svg`;
    document.getElementById("favicon").href = `${base}/static/grey.svg`; // the notice has brought it along
  }

  function find() {
    document.getElementById("lost").hidden = true;
    document.body.classList.remove("lost");
  }

  function swap(fresh) {
    if (fresh.querySelector("[data-reload]") !== null) {
      location.reload(); // what has come of a sign-in is told once, to a page that stays
      return;
    }
    const focused = document.activeElement && document.activeElement.closest("[data-live]");
    for (const old of document.querySelectorAll("[data-live]")) {
      const now = fresh.getElementById(old.id);
      if (now === null && old.matches(".waiting")) {
        location.reload(); // it has ended: the page says how
        return;
      }
      if (now === null) continue;
      for (const opened of old.querySelectorAll("details[open][data-key]")) {
        const same = now.querySelector(`details[data-key="${CSS.escape(opened.dataset.key)}"]`);
        if (same !== null) same.open = true;
      }
      if (now.outerHTML === old.outerHTML) continue;
      const at = old === focused ? [...old.querySelectorAll("a, button")].indexOf(document.activeElement) : -1;
      const put = document.importNode(now, true);
      old.replaceWith(put);
      if (at >= 0) (put.querySelectorAll("a, button")[at] || document.getElementById("main")).focus();
    }
    document.title = fresh.title;
    document.getElementById("favicon").href = fresh.getElementById("favicon").href;
  }

  async function look() {
    if (leaving) return;
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    try {
      const answer = await fetch(location.href, { headers: { "X-Panel-Live": "1" } });
      if (leaving) return;
      if (answer.status === 200) {
        swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
        find();
        heard();
      } else if (answer.status === 403) {
        ended = true; // a visit or a session has: the page itself says which
        stream.close();
        location.reload();
      }
    } catch {
      lose();
    } finally {
      looking = false;
      if (again && !ended) {
        again = false;
        setTimeout(look, 300);
      }
    }
  }

  // A part of the page that changes without news of the agent's state asks to be looked at again.
  function plan() {
    const asks = document.querySelector("[data-again]");
    if (asks === null || ended) return;
    setTimeout(async () => {
      if (document.visibilityState === "visible") await look();
      plan();
    }, Number(asks.dataset.again));
  }

  document.addEventListener("submit", () => {
    leaving = true;
    setTimeout(() => (leaving = false), 15000); // it has led nowhere
  });

  if ("still" in document.body.dataset) return;
  plan();
  const stream = new EventSource(`${base}/stream`);
  stream.addEventListener("snapshot", () => {
    heard();
    look();
  });
  stream.addEventListener("heartbeat", () => {
    heard();
    if (document.visibilityState === "visible") look();
  });
  stream.addEventListener("error", () => {
    if (!ended) look(); // it may only have ended in order: the answer tells
  });
  setInterval(() => {
    if (performance.now() - heardAt > SILENCE_MS) lose();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && !ended) look();
  });
})();
