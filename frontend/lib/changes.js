// What was typed and not yet acknowledged by the server. A value leaves only when the server has taken this very value.
export class Changes {
  constructor() {
    this.unsent = new Map();
    this.sent = null;
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
    return Object.fromEntries(this.sent);
  }

  acknowledge() {
    this.sent = null;
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
