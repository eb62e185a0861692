// Puts what arrives into the order of its numbers: what was seen is dropped, what is early waits for the hole before it.
export class Sequence {
  constructor(last = 0) {
    this.reset(last);
  }

  reset(last) {
    this.last = last;
    this.early = new Map();
  }

  // The events that are due now, in order.
  take(events) {
    for (const event of events) if (event.seq > this.last) this.early.set(event.seq, event);
    const due = [];
    while (this.early.has(this.last + 1)) {
      this.last += 1;
      due.push(this.early.get(this.last));
      this.early.delete(this.last);
    }
    return due;
  }

  // Something before the newest that arrived is missing.
  get hole() {
    return this.early.size > 0;
  }
}
