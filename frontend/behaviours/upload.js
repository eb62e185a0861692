// [data-upload-url]: a drop zone that also takes folders (components/upload.html). Files go in small groups by the tus protocol to
// data-upload-parts, then the address takes them into the case; the same files picked again go on where they were. It answers
// {results: [{name, ok, code, message, series}]} in the order sent: `duplicate` and `refiled` are successes of their own kind. A
// result may carry `warnings`, sentences about what was taken; `inside`, [{name, message}] of the refused files of a ZIP; `disc`,
// what a disc as a whole lists; `left`, {names, count} of its viewer's files.
// data-upload-max: most bytes of one file. data-upload-fields: JSON of further form values; data-upload-form: id of a form whose
// values go along as they stand. data-upload-disc: JSON for lib/disc.js. When all is sent: event 'uploaded'; the parts of the page
// named by data-upload-refresh are fetched anew then, and now and then while files arrive.
import { announce } from '../lib/announce.js';
import { waitForLine } from '../lib/backoff.js';
import { droppedFiles } from '../lib/dropped.js';
import { refreshParts } from '../lib/parts.js';
import { Sending } from '../lib/sending.js';
import { UploadQueue } from '../lib/upload-queue.js';
import { word } from '../lib/words.js';
import { UploadView } from './upload-view.js';

const REFRESH_EVERY = 4000;

class Upload {
  constructor(zone) {
    this.zone = zone;
    this.extra = JSON.parse(zone.dataset.uploadFields || '{}');
    this.view = new UploadView(zone);
    this.queue = new UploadQueue({
      view: this.view,
      sendingOf: (batch, onProgress) => this.sendingOf(batch, onProgress),
      wait: waitForLine,
      onAnswered: () => this.refreshNowAndThen(),
      onDone: (totals) => this.done(totals),
      most: Number(zone.dataset.uploadMax || 0),
      disc: zone.dataset.uploadDisc ? JSON.parse(zone.dataset.uploadDisc) : undefined,
    });
    this.refreshedAt = 0;
    this.refreshing = null;
  }

  sendingOf(batch, onProgress) {
    return new Sending({
      url: this.zone.dataset.uploadUrl, endpoint: this.zone.dataset.uploadParts, batch, extra: this.values(), onProgress,
    });
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
    this.view.onPause(() => this.queue.togglePause());
    this.listenDrop();
    // Back from the window in which one signed in again.
    window.addEventListener('focus', () => this.queue.comeBack());
    window.addEventListener('beforeunload', (event) => {
      if (!this.queue.unfinished) return;
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
      const { files, unread } = await droppedFiles(event.dataTransfer);
      this.add(files, unread);
    });
  }

  add(files, unread) {
    if (!this.queue.running) this.refreshedAt = performance.now();
    this.queue.add(files, unread);
  }

  async done(totals) {
    await this.refreshing;
    await this.refresh().catch(() => announce(word('upload.done'), 'ok'));
    this.zone.dispatchEvent(new CustomEvent('uploaded', { bubbles: true, detail: totals }));
  }

  // The list grows as files arrive; the upload does not wait for it.
  refreshNowAndThen() {
    if (this.refreshing || !this.queue.queue.length || performance.now() - this.refreshedAt < REFRESH_EVERY) return;
    // Where the line is down, the next time will do.
    this.refreshing = this.refresh().catch(() => null).then(() => {
      this.refreshing = null;
      this.refreshedAt = performance.now();
    });
  }

  async refresh() {
    const ids = (this.zone.dataset.uploadRefresh || '').split(' ').filter(Boolean);
    if (ids.length) await refreshParts(ids);
  }
}

export function start(root) {
  for (const zone of root.querySelectorAll('[data-upload-url]')) {
    if (zone.dataset.uploadStarted) continue;
    zone.dataset.uploadStarted = 'yes';
    new Upload(zone).listen();
  }
}
