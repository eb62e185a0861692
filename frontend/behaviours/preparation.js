// [data-preparation=URL][data-preparation-report=URL]: fetches a conference's pictures into this browser's cache, under the very
// addresses that viewer and room ask for (components/preparation.html). With data-preparation-auto, or begun in this tab before, by
// itself. What is kept goes with signing out (Clear-Site-Data).
import { waitForLine } from '../lib/backoff.js';
import { postJson } from '../lib/http.js';
import { Preparation } from '../lib/preparation.js';
import { word } from '../lib/words.js';

// Nobody asked for these: they do not keep a session alive that is left alone.
const AHEAD = { 'X-Preparation': '1' };

async function listOf(url) {
  const response = await fetch(url, { credentials: 'same-origin', redirect: 'manual', headers: { ...AHEAD, Accept: 'application/json' } });
  return response.ok ? response.json() : null;
}

// The body has to be read to its end, or the browser keeps nothing.
async function fetchPicture(url) {
  const response = await fetch(url, { credentials: 'same-origin', redirect: 'manual', priority: 'low', headers: { ...AHEAD, Accept: 'image/jpeg, application/json' } });
  if (response.type === 'opaqueredirect') return 401;
  await response.arrayBuffer();
  return response.status;
}

class Panel {
  constructor(element) {
    this.element = element;
    this.find = (name) => element.querySelector(`[data-preparation-${name}]`);
    this.kept = `preparation ${element.dataset.preparation}`;
    this.find('start').addEventListener('click', () => this.start());
    this.find('pause').addEventListener('click', () => this.pause());
    const before = window.sessionStorage.getItem(this.kept);
    if (before === 'on' || (before === null && 'preparationAuto' in element.dataset && !this.saves())) this.start();
  }

  // Who asks the browser to save data is asked first.
  saves() {
    return Boolean(navigator.connection && navigator.connection.saveData);
  }

  async start() {
    window.sessionStorage.setItem(this.kept, 'on');
    this.buttons(true);
    if (!this.job) await this.prepare();
    if (this.job) await this.job.start();
    if (!this.outdated) return;
    // A case got other pictures meanwhile.
    Object.assign(this, { job: null, outdated: false });
    await this.start();
  }

  async report(data) {
    const { status } = await postJson(this.element.dataset.preparationReport, data, { headers: AHEAD });
    if (status === 409) {
      this.outdated = true;
      this.job.stop();
    }
    if (status !== 200) throw new Error(String(status));
  }

  pause() {
    window.sessionStorage.setItem(this.kept, 'off');
    if (this.job) this.job.pause();
  }

  async prepare() {
    const cases = await listOf(this.element.dataset.preparation).catch(() => null);
    if (cases === null) {
      this.buttons(false);
      return;
    }
    this.job = new Preparation({
      cases,
      fetchPicture,
      report: (data) => this.report(data),
      view: (how) => this.view(how),
      wait: waitForLine,
    });
  }

  view({ step, ready, total, cases }) {
    this.element.dataset.step = step;
    const words = word(total ? `preparation.${step}` : 'preparation.nothing', { ready, total });
    const state = this.find('state');
    if (state.textContent !== words) state.textContent = words;
    Object.assign(this.find('bar'), { max: total || 1, value: total ? ready : 1 });
    this.find('cases').replaceChildren(...cases.filter((one) => one.total).map((one) => {
      const line = document.createElement('li');
      line.className = 'quiet num';
      line.textContent = word('preparation.case', one);
      return line;
    }));
    this.buttons(['running', 'waiting'].includes(step), step === 'done' || !total);
  }

  buttons(running, over = false) {
    this.find('start').hidden = running || over;
    this.find('pause').hidden = !running;
  }
}

export function start(root) {
  for (const element of root.querySelectorAll('[data-preparation]')) new Panel(element);
}
