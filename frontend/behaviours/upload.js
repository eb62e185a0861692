// [data-upload-url]: a drop zone that also takes folders (components/upload.html). Files go in small groups by the tus protocol to
// data-upload-parts, then the address takes them into the case; reads {results: [{name, ok, code, message, series}]} in the order sent;
// `duplicate` and `refiled` are successes of their own kind. The same files picked again go on where they were. data-upload-max: most bytes of one file. data-upload-fields: JSON of further form values; data-upload-form: id of a form whose
// values go along as they stand. data-upload-disc: JSON for lib/disc.js. `disc` of a result: what the disc lists; `left`: its viewer's files. A result may carry `inside`: [{name, message}], the refused files of a ZIP, and `warnings`, sentences
// about what was taken. When all is sent: event
// 'uploaded'; the parts of the page named by data-upload-refresh are fetched anew then, and now and then while files arrive.
import { announce } from '../lib/announce.js';
import { backoff } from '../lib/backoff.js';
import { outcome, pairResults, takeBatch } from '../lib/batches.js';
import { planDisc } from '../lib/disc.js';
import { droppedFiles, pathOf } from '../lib/dropped.js';
import { bytes } from '../lib/format.js';
import { messageOf } from '../lib/http.js';
import { refreshParts } from '../lib/parts.js';
import { Rate } from '../lib/rate.js';
import { Sending } from '../lib/sending.js';
import { word } from '../lib/words.js';
import { UploadView } from './upload-view.js';

const REFRESH_EVERY = 4000;

class Upload {
  constructor(zone) {
    this.zone = zone;
    this.url = zone.dataset.uploadUrl;
    this.most = Number(zone.dataset.uploadMax || 0);
    this.extra = JSON.parse(zone.dataset.uploadFields || '{}');
    this.disc = JSON.parse(zone.dataset.uploadDisc || '{"programs":[],"papers":[],"soft":[]}');
    this.view = new UploadView(zone);
    this.queue = [];
    this.totals = { files: 0, bytes: 0, filesDone: 0, bytesDone: 0, taken: 0, held: 0, there: 0, refused: 0, left: 0 };
    // Bytes of the groups that were answered; what is on its way stands on top of them, also while it waits.
    this.answered = 0;
    this.rate = new Rate();
    this.running = false;
    this.paused = false;
    this.sending = null;
    this.attempt = 0;
    this.refreshedAt = 0;
    this.refreshing = null;
  }

  values() {
    const form = document.getElementById(this.zone.dataset.uploadForm || '');
    return { ...this.extra, ...(form ? Object.fromEntries(new FormData(form)) : {}) };
  }

  listen() {
    for (const input of this.zone.querySelectorAll('input[type="file"]')) {
      input.addEventListener('change', () => {
        this.add([...input.files]);
        input.value = '';
      });
    }
    for (const button of this.zone.querySelectorAll('[data-upload-pick]')) {
      button.addEventListener('click', () => this.zone.querySelector(`[data-upload-input="${button.dataset.uploadPick}"]`).click());
    }
    this.view.onPause(() => this.togglePause());
    this.listenDrop();
    window.addEventListener('beforeunload', (event) => {
      if (!this.running) return;
      event.preventDefault();
      event.returnValue = '';
    });
  }

  listenDrop() {
    const target = this.zone.querySelector('[data-upload-target]') || this.zone;
    const over = (isOver) => target.classList.toggle('is-over', isOver);
    target.addEventListener('dragover', (event) => {
      event.preventDefault();
      over(true);
    });
    target.addEventListener('dragleave', () => over(false));
    target.addEventListener('drop', async (event) => {
      event.preventDefault();
      over(false);
      this.add(await droppedFiles(event.dataTransfer));
    });
  }

  add(files) {
    const { wanted, left } = planDisc(files.map((file) => ({ file, name: file.name, size: file.size, path: pathOf(file) })), this.disc);
    this.view.left(left.map((item) => item.path), left.length);
    for (const item of wanted) {
      const { file } = item;
      item.row = this.view.row(item);
      this.totals.files += 1;
      if (this.most && file.size > this.most) {
        this.finish(item, 'refused', word('upload.too_large', { limit: bytes(this.most) }));
      } else {
        this.totals.bytes += file.size;
        this.queue.push(item);
      }
    }
    this.view.progress(this.totals, this.rate.perSecond);
    this.run();
  }

  async run() {
    if (this.running || this.paused || !this.queue.length) return;
    this.running = true;
    this.view.active(true);
    this.refreshedAt = performance.now();
    while (this.queue.length && !this.paused) {
      await this.sendBatch(takeBatch(this.queue));
      this.refreshNowAndThen();
    }
    this.running = false;
    this.sending = null;
    if (this.queue.length) return;
    this.view.active(false);
    this.view.done(this.totals);
    await this.refreshing;
    await this.refresh();
    this.zone.dispatchEvent(new CustomEvent('uploaded', { bubbles: true, detail: { ...this.totals } }));
  }

  async sendBatch(batch) {
    for (const item of batch) this.view.mark(item.row, 'sending');
    try {
      this.sending = new Sending({
        url: this.url,
        endpoint: this.zone.dataset.uploadParts,
        batch,
        extra: this.values(),
        onProgress: (loaded) => {
          this.totals.bytesDone = Math.min(this.totals.bytes, this.answered + loaded);
          this.tick();
        },
      });
      await this.read(await this.sending.run(), batch);
    } catch (error) {
      await this.again(batch, error.reason);
    }
    this.tick();
  }

  tick() {
    this.rate.read(performance.now(), this.totals.bytesDone);
    this.view.progress(this.totals, this.rate.perSecond);
  }

  async read({ status, body }, batch) {
    if (body && Array.isArray(body.results)) this.take(batch, body.results);
    else if (status >= 500 || status === 429) await this.again(batch, messageOf(body));
    else if (status === 413 && batch.length > 1) this.queue.unshift(...batch);
    else this.fail(batch, messageOf(body) || word('upload.failed_plain'));
  }

  take(batch, results) {
    this.attempt = 0;
    this.count(batch);
    for (const [item, result] of pairResults(batch, results)) {
      const warnings = (result && result.warnings) || [];
      if (item.disc && result && this.disc.soft.includes(result.code)) result.code = 'disc_viewer';
      const message = [result ? result.message : '', ...warnings].filter(Boolean).join(' ');
      this.finish(item, outcome(result), message, result && result.series);
      if (result && result.code === 'disc_viewer') this.view.left([item.path], 1);
      if (result && result.code === 'disc_directory') this.view.disc(result.message);
      if (result && result.left) this.view.left(result.left.names, result.left.count);
      for (const said of (result && result.disc) || []) this.view.disc(said);
      if (warnings.length) this.view.warn(item.row);
      for (const inside of (result && result.inside) || []) this.view.inside(item.name, inside);
    }
  }

  fail(batch, message) {
    this.count(batch);
    for (const item of batch) this.finish(item, 'refused', word('upload.failed', { message }));
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

  // The same group once more: it goes on after what had arrived, and what was taken is answered as it was.
  // reason: why the server could not, in its own words; without it the line is down.
  async again(batch, reason) {
    this.queue.unshift(...batch);
    for (const item of batch) this.view.mark(item.row, 'waiting');
    this.rate.reset();
    if (this.paused) return;
    const wait = backoff(this.attempt, { first: 2000 });
    this.attempt += 1;
    const seconds = Math.round(wait / 1000);
    this.view.say(reason ? word('upload.postponed', { reason, seconds }) : word('upload.retrying', { seconds }));
    await new Promise((resolve) => {
      const timer = window.setTimeout(resolve, wait);
      window.addEventListener('online', () => {
        window.clearTimeout(timer);
        resolve();
      }, { once: true });
    });
  }

  togglePause() {
    this.paused = !this.paused;
    this.view.paused(this.paused);
    if (this.paused && this.sending) this.sending.stop();
    this.rate.reset();
    if (!this.paused) this.run();
  }

  // The list grows as files arrive; the upload does not wait for it.
  refreshNowAndThen() {
    if (this.refreshing || !this.queue.length || performance.now() - this.refreshedAt < REFRESH_EVERY) return;
    this.refreshing = this.refresh().then(() => {
      this.refreshing = null;
      this.refreshedAt = performance.now();
    });
  }

  async refresh() {
    const ids = (this.zone.dataset.uploadRefresh || '').split(' ').filter(Boolean);
    if (!ids.length) return;
    try {
      await refreshParts(ids);
    } catch {
      announce(word('upload.done'), 'ok');
    }
  }
}

export function start(root) {
  for (const zone of root.querySelectorAll('[data-upload-url]')) {
    if (zone.dataset.uploadStarted) continue;
    zone.dataset.uploadStarted = 'yes';
    new Upload(zone).listen();
  }
}
