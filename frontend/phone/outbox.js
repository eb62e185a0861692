// Photographs on their way, one after the other; each is kept here until the server says that it has it.
import { backoff, waitForLine } from '../lib/backoff.js';
import { messageOf } from '../lib/http.js';
import { Sending } from '../lib/sending.js';
import { inMemory } from '../lib/upload-store.js';

export class Outbox {
  // onChange(photograph) after each change of its `status` ('waiting', 'sending', 'kept', 'refused'), `note` and `share` (0 to
  // 1); onOver when the link has ended; onAnswer(body) with what the server says of the link.
  constructor({ url, endpoint, onChange, onOver, onAnswer }) {
    Object.assign(this, { url, endpoint, onChange, onOver, onAnswer });
    // A phone in a stranger's hand keeps nothing of it.
    this.storage = inMemory();
    this.queue = [];
    this.running = false;
    this.over = false;
  }

  add(photograph) {
    this.queue.push(photograph);
    this.mark(photograph, 'waiting');
    this.run();
  }

  goOn() {
    this.over = false;
    this.run();
  }

  stop() {
    this.over = true;
    for (const one of this.queue) this.mark(one, 'waiting');
  }

  async run() {
    if (this.running) return;
    this.running = true;
    let attempt = 0;
    while (this.queue.length && !this.over) {
      const [photograph] = this.queue;
      const done = await this.send(photograph);
      attempt = done ? 0 : attempt + 1;
      if (done) this.queue.shift();
      else if (!this.over) await waitForLine(backoff(attempt, { first: 1000, most: 15000 }));
    }
    this.running = false;
  }

  // Whether nothing more is to be done about it.
  async send(photograph) {
    this.mark(photograph, 'sending');
    const { file, said } = photograph;
    const sending = new Sending({
      url: this.url,
      endpoint: this.endpoint,
      batch: [{ file, name: file.name, size: file.size }],
      extra: said,
      storage: this.storage,
      onProgress: (sent) => this.mark(photograph, 'sending', '', sent / file.size),
    });
    try {
      return this.read(photograph, await sending.run());
    } catch (error) {
      this.mark(photograph, 'waiting', error.reason || '');
      return false;
    }
  }

  read(photograph, { status, body }) {
    const [result] = body.results || [];
    if (status === 401) {
      this.stop();
      this.onOver();
      return false;
    }
    if (!result && (status >= 500 || status === 429)) {
      this.mark(photograph, 'waiting', messageOf(body));
      return false;
    }
    this.onAnswer(body);
    this.mark(photograph, result && result.ok ? 'kept' : 'refused', result ? result.message : messageOf(body));
    return true;
  }

  mark(photograph, status, note = '', share = 0) {
    Object.assign(photograph, { status, note, share });
    this.onChange(photograph);
  }
}
