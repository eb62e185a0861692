// Fetches the pictures of cases one after the other, gently, and says how far it is. Knows nothing of the page: `fetchPicture(url)`
// answers a status (throws where the line is down), `report({case, pictures, ready})` tells the server, `view(how)` shows
// {step, ready, total, cases}; `wait(ms)` resolves after that time or when the line is back.
import { orderOf } from '../viewer/quality.js';
import { backoff } from './backoff.js';

// At a time: one that waits for the server and one on the line.
const AT_ONCE = 2;
// A seat tells how far it is after so many pictures, and at the end of each case.
const TOLD_EVERY = 50;
const TRIES = 3;

// Addresses of a case's pictures in the order in which they are fetched: of each series a few first, then what lies between.
export function addressesOf({ series }) {
  return series.flatMap(({ count, address }) =>
    orderOf(count, { start: Math.floor((count - 1) / 2) }).map((place) => address.replace('{n}', String(place + 1))));
}

export class Preparation {
  constructor({ cases, fetchPicture, report, view, wait }) {
    Object.assign(this, { fetchPicture, report, view, wait });
    this.cases = cases.map((one) => ({ ...one, ready: 0, told: one.ready, wanted: addressesOf(one) }));
    this.step = 'rests';
    this.running = null;
  }

  get total() {
    return this.cases.reduce((sum, one) => sum + one.total, 0);
  }

  get ready() {
    return this.cases.reduce((sum, one) => sum + one.ready, 0);
  }

  show(step = this.step) {
    this.step = step;
    this.view({ step, ready: this.ready, total: this.total, cases: this.cases });
  }

  // Begins, or goes on; resolves when it is paused, over or given up.
  start() {
    this.paused = false;
    this.running = this.running || this.run().finally(() => { this.running = null; });
    return this.running;
  }

  pause() {
    this.paused = true;
    if (this.running) this.show('paused');
  }

  // As a pause, but nobody asked for it.
  stop() {
    this.paused = true;
  }

  async run() {
    this.show('running');
    for (const one of this.cases) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.work(one)));
      if (this.step === 'signedout') return;
      await this.tell(one, !this.paused);
      if (this.paused) return;
    }
    this.show(this.ready === this.total ? 'done' : 'some');
  }

  async work(one) {
    while (one.wanted.length && !this.paused && this.step !== 'signedout') {
      const url = one.wanted.shift();
      const got = await this.get(url);
      if (got === null) one.wanted.unshift(url);
      if (got) {
        one.ready += 1;
        this.show();
        if (one.ready % TOLD_EVERY === 0) await this.tell(one);
      }
    }
  }

  // true: it is there; false: it cannot be had; null: not now.
  async get(url) {
    for (let tried = 0, down = 0; ;) {
      let status = 0;
      try {
        status = await this.fetchPicture(url);
      } catch {
        // The line is down.
      }
      if (status === 200) {
        if (this.step === 'waiting') this.show('running');
        return true;
      }
      if (status === 401) {
        this.show('signedout');
        return null;
      }
      if (status >= 400 && status < 500 && status !== 429) return false;
      if (status) tried += 1;
      if (tried >= TRIES) return false;
      if (!status) this.show('waiting');
      await this.wait(backoff(down));
      down += 1;
      if (this.paused) return null;
    }
  }

  // What a page has told before may be there still: less is only told when all was tried.
  async tell(one, over = false) {
    if (over ? one.told === one.ready : one.told >= one.ready) return;
    const { ready } = one;
    try {
      await this.report({ case: one.case, pictures: one.pictures, ready });
      one.told = ready;
    } catch {
      // Told with the next ones.
    }
  }
}
