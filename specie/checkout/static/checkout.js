// Follows the payment, counts down, copies. Every step of paying works without this file.
(() => {
  "use strict";
  document.documentElement.classList.add("has-script");

  let source = null;
  let timer = 0;
  let endsAt = 0;
  const page = () => document.getElementById("page");
  const live = () => page().dataset.events && !["paid", "cancelled"].includes(page().dataset.stage);

  const pad = (number) => String(number).padStart(2, "0");
  function showTime() {
    const place = document.getElementById("countdown");
    if (!place) return;
    const left = Math.max(0, Math.round((endsAt - performance.now()) / 1000));
    const hours = Math.floor(left / 3600);
    const minutes = pad(Math.floor((left % 3600) / 60));
    place.textContent = (hours ? hours + ":" : "") + minutes + ":" + pad(left % 60);
    if (left === 0) {
      const code = document.querySelector(".qr");
      if (code) code.hidden = true;
    }
  }

  function arrange() {
    endsAt = performance.now() + Number(page().dataset.seconds) * 1000;
    showTime();
  }

  // The server renders the page; only its middle is exchanged, so that the status region announces what changed.
  async function renew() {
    const answer = await fetch(location.pathname, { cache: "no-store" });
    if (!answer.ok) return;
    const text = (await answer.text()).replace(/<style[^]*?<\/style>/, "");
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("page");
    if (!fresh) return;
    const status = page().querySelector(".status");
    const words = fresh.querySelector(".status");
    if (fresh.dataset.stage === page().dataset.stage && fresh.dataset.version === page().dataset.version) return;
    const open = page();
    open.querySelectorAll(":scope > :not(.status)").forEach((node) => node.remove());
    for (const [name, value] of Object.entries(fresh.dataset)) open.dataset[name] = value;
    let before = true;
    for (const node of [...fresh.children]) {
      if (node === words) before = false;
      else if (before) open.insertBefore(node, status);
      else open.append(node);
    }
    status.replaceChildren(...words.childNodes);
    arrange();
  }

  function poll() {
    clearTimeout(timer);
    if (document.hidden || !live()) return;
    timer = setTimeout(() => renew().catch(() => {}).finally(poll), 3000);
  }

  function follow() {
    if (source) source.close();
    source = null;
    clearTimeout(timer);
    if (document.hidden || !live()) return;
    source = new EventSource(page().dataset.events);
    source.onmessage = (event) => {
      const news = JSON.parse(event.data);
      endsAt = performance.now() + news.seconds * 1000;
      if (news.stage !== page().dataset.stage || String(news.version) !== page().dataset.version) {
        renew().catch(() => {}).finally(() => { if (!live() && source) source.close(); });
      }
    };
    source.onerror = () => {
      source.close();
      source = null;
      poll();
    };
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.copy !== undefined) {
      await navigator.clipboard.writeText(button.dataset.copy);
      const label = button.lastChild;
      const words = label.textContent;
      label.textContent = page().dataset.copied;
      setTimeout(() => { label.textContent = words; }, 2000);
    }
    if (button.dataset.print !== undefined) window.print();
  });
  // A pressed button is locked after its value has gone into the form.
  document.addEventListener("submit", (event) => {
    setTimeout(() => event.target.querySelectorAll("button").forEach((button) => { button.disabled = true; }), 0);
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  document.addEventListener("visibilitychange", follow);
  setInterval(showTime, 1000);
  arrange();
  follow();
})();
