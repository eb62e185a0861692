// form[data-phone-make=ID]: asks for a code and shows its panel in place of the element ID. [data-phone-panel]: asks
// data-phone-progress every few seconds how the phone stands ({state, left, arrived, html}); what arrived shows in the parts of
// the page named by data-phone-refresh. form[data-phone-end] ends it.
import { announce } from '../lib/announce.js';
import { Countdown } from '../lib/clock.js';
import { messageOf, postJson } from '../lib/http.js';
import { refreshParts, replaceParts } from '../lib/parts.js';

const EVERY = 3000;

function make(form) {
  const button = form.querySelector('button');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    const answer = await postJson(form.action, {}).catch(() => null);
    button.disabled = false;
    if (answer) show(form.dataset.phoneMake, answer);
    else form.submit();
  });
}

function show(id, { status, body }) {
  if (status === 200) {
    replaceParts({ [id]: body.html });
    document.getElementById(id).scrollIntoView({ block: 'nearest' });
  } else if (messageOf(body)) announce(messageOf(body), 'stop');
  // Somebody else is signed in meanwhile, or nobody.
  else window.location.reload();
}

class PhonePanel {
  constructor(panel) {
    this.panel = panel;
    this.url = panel.dataset.phoneProgress;
    this.parts = (panel.dataset.phoneRefresh || '').split(' ').filter(Boolean);
    this.left = new Countdown(Number(panel.dataset.phoneLeft));
    this.arrived = 0;
    this.said = '';
    this.over = panel.dataset.phoneState === 'over';
  }

  run() {
    const end = this.panel.querySelector('[data-phone-end]');
    if (end) {
      end.addEventListener('submit', async (event) => {
        event.preventDefault();
        await postJson(end.action, {}).catch(() => null);
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
    // It is read out: put in anew only when it says something new.
    if (html !== this.said) replaceParts({ 'phone-standing': html });
    this.said = html;
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
