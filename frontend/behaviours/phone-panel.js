// form[data-phone-make=ID]: asks for a code and shows its panel in place of the element ID. [data-phone-panel]: asks
// data-phone-progress every few seconds how the phone stands ({state, left, arrived, html}); what arrived shows in the parts of
// the page named by data-phone-refresh. form[data-phone-end] ends it.
import { announce } from '../lib/announce.js';
import { Countdown } from '../lib/clock.js';
import { csrfToken, messageOf } from '../lib/http.js';
import { refreshParts, replaceParts } from '../lib/parts.js';

const EVERY = 3000;

async function send(form) {
  const response = await fetch(form.action, {
    method: 'POST',
    credentials: 'same-origin',
    redirect: 'manual',
    headers: { Accept: 'application/json', 'X-CSRFToken': csrfToken() },
  });
  if (response.type === 'opaqueredirect') {
    window.location.reload();
    return { ok: false, body: {} };
  }
  return { ok: response.ok, body: await response.json().catch(() => ({})) };
}

function make(form) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true;
    try {
      const { ok, body } = await send(form);
      if (!ok) announce(messageOf(body), 'stop');
      else {
        replaceParts({ [form.dataset.phoneMake]: body.html });
        document.getElementById(form.dataset.phoneMake).scrollIntoView({ block: 'nearest' });
      }
    } catch {
      form.submit();
    }
    button.disabled = false;
  });
}

class PhonePanel {
  constructor(panel) {
    this.panel = panel;
    this.url = panel.dataset.phoneProgress;
    this.parts = (panel.dataset.phoneRefresh || '').split(' ').filter(Boolean);
    this.left = new Countdown(Number(panel.dataset.phoneLeft));
    this.arrived = 0;
    this.over = panel.dataset.phoneState === 'over';
  }

  run() {
    const end = this.panel.querySelector('[data-phone-end]');
    if (end) {
      end.addEventListener('submit', async (event) => {
        event.preventDefault();
        await send(end).catch(() => null);
        this.ask();
      });
    }
    this.ticking = window.setInterval(() => this.tick(), 1000);
    this.asking = window.setInterval(() => this.ask(), EVERY);
    this.tick();
  }

  tick() {
    if (!this.panel.isConnected) this.stop();
    const clock = this.panel.querySelector('[data-phone-clock]');
    if (clock) clock.textContent = `${this.left}`;
  }

  async ask() {
    if (document.hidden || this.over) return;
    try {
      const response = await fetch(this.url, { credentials: 'same-origin', redirect: 'manual', headers: { Accept: 'application/json' } });
      if (response.ok) await this.show(await response.json());
      else if (response.status === 404 || response.status === 401) this.close();
    } catch {
      // The line is down: asked again.
    }
  }

  async show({ state, left, arrived, html }) {
    replaceParts({ 'phone-standing': html });
    this.left.set(left);
    this.tick();
    if (arrived !== this.arrived) {
      await refreshParts(this.parts);
      this.arrived = arrived;
    }
    // Used: nobody else needs to see it.
    if (state !== 'waiting') this.hideCode();
    if (state === 'over') this.close();
  }

  close() {
    this.over = true;
    this.stop();
    this.hideCode();
    for (const part of this.panel.querySelectorAll('[data-phone-end]')) part.remove();
  }

  hideCode() {
    for (const part of this.panel.querySelectorAll('[data-phone-code]')) part.remove();
    this.panel.querySelector('[data-phone-gone]').hidden = false;
  }

  stop() {
    window.clearInterval(this.ticking);
    window.clearInterval(this.asking);
  }
}

export function start(root) {
  const within = (selector) => [...root.querySelectorAll(selector), ...(root.matches && root.matches(selector) ? [root] : [])];
  for (const form of within('form[data-phone-make]')) make(form);
  for (const panel of within('[data-phone-panel]')) new PhonePanel(panel).run();
}
