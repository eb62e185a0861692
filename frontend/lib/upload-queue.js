// Files on their way into a case, group after group, and what becomes of each. Knows nothing of the page: `view` shows it
// (behaviours/upload-view.js), `sendingOf(batch, onProgress)` gives a Sending, `wait(ms)` resolves after that time or when the line
// comes back, `onAnswered()` is called after each group and `onDone(totals)` when nothing is left. most: bytes of one file, 0 for any;
// disc: rules for lib/disc.js.
import { backoff } from './backoff.js';
import { LIMITS, outcome, pairResults, takeBatch } from './batches.js';
import { planDisc } from './disc.js';
import { pathOf } from './dropped.js';
import { bytes } from './format.js';
import { messageOf } from './http.js';
import { Rate } from './rate.js';
import { word } from './words.js';

export class UploadQueue {
  constructor({ view, sendingOf, wait, onAnswered = () => {}, onDone = () => {}, most = 0, disc = { programs: [], papers: [], soft: [] } }) {
    Object.assign(this, { view, sendingOf, wait, onAnswered, onDone, most, disc });
    this.queue = [];
    this.limits = LIMITS;
    this.totals = { files: 0, bytes: 0, filesDone: 0, bytesDone: 0, taken: 0, held: 0, there: 0, refused: 0, skipped: 0 };
    // Bytes of the groups that were answered; what is on its way stands on top of them, also while it waits.
    this.answered = 0;
    this.rate = new Rate();
    this.running = false;
    this.paused = false;
    // Paused by a session that ended, not by the reader.
    this.signedOut = false;
    this.sending = null;
    this.attempt = 0;
  }

  // Whether something would be lost if the page went away.
  get unfinished() {
    return this.running || this.queue.length > 0;
  }

  // unread: names of what could not be read when it was dropped.
  add(files, unread = []) {
    for (const name of unread) this.finish(this.listed({ name, size: 0 }), 'refused', word('upload.unreadable'));
    const { wanted, left } = planDisc(files.map((file) => ({ file, name: file.name, size: file.size, path: pathOf(file) })), this.disc);
    this.view.leaveOut(left.map((item) => item.path), left.length);
    for (const item of wanted) {
      this.listed(item);
      if (this.most && item.size > this.most) {
        this.finish(item, 'refused', word('upload.too_large', { limit: bytes(this.most) }));
      } else {
        this.totals.bytes += item.size;
        this.queue.push(item);
      }
    }
    this.view.progress(this.totals, this.rate.perSecond);
    return this.run();
  }

  listed(item) {
    item.row = this.view.row(item);
    this.totals.files += 1;
    return item;
  }

  async run() {
    if (this.running || this.paused || !this.queue.length) return;
    this.running = true;
    this.view.active(true);
    while (this.queue.length && !this.paused) {
      await this.sendBatch(takeBatch(this.queue, this.limits));
      this.onAnswered();
    }
    this.running = false;
    this.sending = null;
    if (this.queue.length) return;
    this.view.active(false);
    this.view.done(this.totals);
    await this.onDone({ ...this.totals });
  }

  async sendBatch(batch) {
    for (const item of batch) this.view.mark(item.row, 'sending');
    try {
      this.sending = this.sendingOf(batch, (loaded) => {
        this.totals.bytesDone = Math.min(this.totals.bytes, this.answered + loaded);
        this.tick();
      });
      await this.read(await this.sending.run(), batch);
    } catch (error) {
      if (error.reason || this.paused) await this.again(batch, error.reason);
      else await this.withoutUnreadable(batch);
    }
    this.tick();
  }

  tick() {
    this.rate.read(performance.now(), this.totals.bytesDone);
    this.view.progress(this.totals, this.rate.perSecond);
  }

  async read({ status, body }, batch) {
    if (body && Array.isArray(body.results)) this.take(batch, body.results);
    else if (status === 401) this.signOut(batch);
    else if (status >= 500 || status === 429) await this.again(batch, messageOf(body));
    else if (status === 413 && batch.length > 1) this.halve(batch);
    else this.fail(batch, word('upload.failed', { message: messageOf(body) || word('upload.failed_plain') }));
  }

  take(batch, results) {
    this.attempt = 0;
    this.count(batch);
    for (const [item, result] of pairResults(batch, results)) {
      const warnings = (result && result.warnings) || [];
      if (item.disc && result && this.disc.soft.includes(result.code)) result.code = 'disc_viewer';
      const message = [result ? result.message : '', ...warnings].filter(Boolean).join(' ');
      this.finish(item, outcome(result), message, result && result.series);
      if (result) this.takeDisc(item, result);
      if (warnings.length) this.view.warn(item.row);
      for (const inside of (result && result.inside) || []) this.view.inside(item.name, inside);
    }
  }

  takeDisc(item, { code, message, left, disc }) {
    if (code === 'disc_viewer') this.view.leaveOut([item.path], 1);
    if (code === 'disc_directory') this.view.disc(message);
    if (left) this.view.leaveOut(left.names, left.count);
    for (const said of disc || []) this.view.disc(said);
  }

  fail(batch, message) {
    this.count(batch);
    for (const item of batch) this.finish(item, 'refused', message);
  }

  count(batch) {
    this.answered += batch.reduce((total, item) => total + item.size, 0);
    this.totals.bytesDone = this.answered;
  }

  finish(item, kind, message, series) {
    this.totals.filesDone += 1;
    this.totals[kind] += 1;
    this.view.mark(item.row, kind, message, series);
  }

  putBack(batch) {
    this.queue.unshift(...batch);
    for (const item of batch) this.view.mark(item.row, 'waiting');
  }

  // Too much at once for something on the way: smaller groups from now on.
  halve(batch) {
    this.putBack(batch);
    this.limits = { ...this.limits, files: Math.ceil(batch.length / 2) };
  }

  // Nothing is refused by it: the queue waits until somebody is signed in again.
  signOut(batch) {
    this.putBack(batch);
    this.paused = true;
    this.signedOut = true;
    this.rate.reset();
    this.view.paused(true);
    this.view.signedOut();
  }

  // What the browser cannot read is refused; otherwise the line is down.
  async withoutUnreadable(batch) {
    const bad = await this.sending.unreadable();
    if (!bad.length) return this.again(batch);
    this.putBack(batch.filter((item) => !bad.includes(item)));
    return this.fail(bad, word('upload.unreadable'));
  }

  // The same group once more: it goes on after what had arrived, and what was taken is answered as it was.
  // reason: why the server could not, in its own words; without it the line is down.
  async again(batch, reason) {
    this.putBack(batch);
    this.rate.reset();
    if (this.paused) return;
    const wait = backoff(this.attempt, { first: 2000 });
    this.attempt += 1;
    const seconds = Math.round(wait / 1000);
    this.view.say(reason ? word('upload.postponed', { reason, seconds }) : word('upload.retrying', { seconds }));
    await this.wait(wait);
  }

  togglePause() {
    this.paused = !this.paused;
    this.signedOut = false;
    this.view.paused(this.paused);
    if (this.paused && this.sending) this.sending.stop();
    this.rate.reset();
    return this.paused ? null : this.run();
  }

  // Somebody may be signed in again: only what waits for that goes on.
  comeBack() {
    return this.signedOut ? this.togglePause() : null;
  }
}
