// What was written and not yet acknowledged. It survives a reload in the tab's own storage and goes out again with the same key,
// so that the server posts it once.
import { onceKey } from '../lib/once.js';

const LIMIT = 200;

export class Outbox {
  constructor(storage, name, onChange = () => {}) {
    this.storage = storage;
    this.name = name;
    this.onChange = onChange;
    this.entries = this.read();
    this.sending = false;
  }

  read() {
    try {
      const found = JSON.parse(this.storage.getItem(this.name) || '[]');
      return Array.isArray(found) ? found.map((one) => ({ ...one, refused: '' })) : [];
    } catch {
      return [];
    }
  }

  keep() {
    try {
      this.storage.setItem(this.name, JSON.stringify(this.entries));
    } catch {
      // A full or forbidden storage: the entries still go out from memory.
    }
    this.onChange(this.entries);
  }

  add(event, payload) {
    const entry = { key: onceKey(), event, payload, at: new Date().toISOString(), refused: '' };
    this.entries = [...this.entries, entry].slice(-LIMIT);
    this.keep();
    return entry;
  }

  remove(key) {
    this.entries = this.entries.filter((one) => one.key !== key);
    this.keep();
  }

  clear() {
    this.entries = [];
    this.storage.removeItem(this.name);
    this.onChange(this.entries);
  }

  retry(key) {
    this.entries = this.entries.map((one) => (one.key === key ? { ...one, refused: '' } : one));
    this.keep();
  }

  // Sends in order, one at a time. `send(event, payload)` gives the acknowledgement or throws where the line is down.
  // Answers false where something is left that should be tried again.
  async flush(send) {
    if (this.sending) return true;
    this.sending = true;
    try {
      for (;;) {
        const entry = this.entries.find((one) => !one.refused);
        if (!entry) return true;
        const answer = await send(entry.event, { ...entry.payload, key: entry.key });
        if (answer.ok) this.remove(entry.key);
        else if (['too_fast', 'http_500', 'http_401'].includes(answer.error.code)) return false;
        else this.refuse(entry.key, answer.error.message);
      }
    } catch {
      return false;
    } finally {
      this.sending = false;
    }
  }

  refuse(key, words) {
    this.entries = this.entries.map((one) => (one.key === key ? { ...one, refused: words } : one));
    this.keep();
  }
}
