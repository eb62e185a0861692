import { newKey } from './rows.js';

// What was typed and not yet acknowledged by the server. A value leaves only when the server has taken this very value.
export class Changes {
  constructor() {
    this.unsent = new Map();
    this.sent = null;
    this.asked = '';
    this.key = '';
  }

  change(name, value) {
    this.unsent.set(name, value);
  }

  get dirty() {
    return this.unsent.size > 0 || this.sent !== null;
  }

  get names() {
    return [...new Set([...this.unsent.keys(), ...(this.sent ? this.sent.keys() : [])])];
  }

  // The fields of the next request, or null while one is under way or nothing changed.
  take() {
    if (this.sent !== null || this.unsent.size === 0) return null;
    this.sent = this.unsent;
    this.unsent = new Map();
    const fields = Object.fromEntries(this.sent);
    this.nameRequest(JSON.stringify(fields));
    return fields;
  }

  // `key`: the same for a request that is tried again as it was, so that the server takes it once.
  nameRequest(asked) {
    if (this.asked !== asked) this.key = newKey(16);
    this.asked = asked;
  }

  acknowledge() {
    this.sent = null;
    this.asked = '';
  }

  // The request failed: its values wait again, unless newer ones have been typed meanwhile.
  giveBack() {
    if (this.sent === null) return;
    this.unsent = new Map([...this.sent, ...this.unsent]);
    this.sent = null;
  }

  valueOf(name) {
    return this.unsent.has(name) ? this.unsent.get(name) : this.sent && this.sent.get(name);
  }

  drop(name) {
    this.unsent.delete(name);
  }
}
