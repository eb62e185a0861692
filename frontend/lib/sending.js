// One group of files on its way: its bytes by the tus protocol, which goes on where a line was cut, then the request to take them.
import { Upload } from 'tus-js-client';
import { bundle } from './bundle.js';
import { csrfToken, messageOf, withToken } from './http.js';
import { fingerprint, UploadStore } from './upload-store.js';

// Bytes of one request; what a cut line leaves of it stays at the server. Halved where something on the way takes no bodies of that
// size, and for as long as the page stands: the next group would meet the same.
const SMALLEST_PART = 64 * 1024;
let part = 8 * 1024 * 1024;
// Refusals that pass: too slow, being written by the request that was cut, too much at once, damaged on the way.
const AGAIN = [408, 423, 429, 460];
// Asked how far it is: an upload that is no more, or not this person's, begins anew. By any other refusal it is still there, and
// tus-js-client would forget its address.
const GONE = [403, 404, 410];
// What this page is sending and has no answer for yet: the same files again are being tried again, others were taken some other time.
const begun = new Set();

function read(answer) {
  try {
    return JSON.parse(answer.getBody() || '{}');
  } catch {
    return {};
  }
}

function wereThere(results) {
  for (const one of results || []) if (one.code === 'taken') one.code = 'duplicate';
}

function halvePart() {
  if (part <= SMALLEST_PART) return false;
  part /= 2;
  return true;
}

async function isReadable(file, from) {
  try {
    await file.slice(from, from + part).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function keepAddress(request, response) {
  const status = response.getStatus();
  if (request.getMethod() !== 'HEAD' || status < 300 || GONE.includes(status)) return;
  throw Object.assign(new Error('how far is not known'), { response });
}

export class Sending {
  // url: where files are taken (`<case>/attachments`); endpoint: where uploads begin; extra: further values of the form;
  // storage: where addresses are kept to go on at, the browser's own unless said; tus: further options of tus-js-client.
  constructor({ url, endpoint, batch, extra, onProgress, storage = window.localStorage, tus = {} }) {
    Object.assign(this, { url, endpoint, batch, extra, onProgress, tus });
    this.store = new UploadStore(storage);
    this.print = fingerprint(endpoint, batch);
    this.upload = null;
    this.taking = null;
    this.stopped = null;
    this.moved = false;
    // Where in a lone file the part begins that is on its way.
    this.place = null;
  }

  // Resolves {status, body}, 401 where nobody is signed in any more; rejects where the line is down or the sending was stopped.
  async run() {
    const again = begun.has(this.print);
    begun.add(this.print);
    const answer = await withToken(() => this.sendAndTake());
    if (!again && !this.moved) wereThere(answer.body.results);
    if (answer.body.results) begun.delete(this.print);
    return answer;
  }

  async sendAndTake() {
    const sent = await this.send();
    if (sent.status === 413 && halvePart()) return this.sendAndTake();
    return sent.status ? sent : this.take(sent.id);
  }

  // After a sending that was rejected: items whose next bytes the browser cannot read (a disc was taken out, a file changed
  // meanwhile), which looks like a line that is down.
  async unreadable() {
    const from = this.batch.length === 1 ? this.place || 0 : 0;
    const found = [];
    for (const item of this.batch) if (!(await isReadable(item.file, from))) found.push(item);
    return found;
  }

  stop() {
    if (this.upload) this.upload.abort();
    if (this.taking) this.taking.abort();
    if (this.stopped) this.stopped(new Error('stopped'));
  }

  send() {
    const alone = this.batch.length === 1;
    const metadata = alone ? { filename: this.batch[0].name } : { bundle: '1' };
    return new Promise((resolve, reject) => {
      this.stopped = reject;
      this.upload = new Upload(alone ? this.batch[0].file : bundle(this.batch), {
        endpoint: this.endpoint,
        metadata,
        chunkSize: part,
        // Tries again, with its own waits, where the line comes back.
        retryDelays: null,
        urlStorage: this.store,
        fingerprint: async () => this.print,
        headers: { 'X-CSRFToken': csrfToken(), Accept: 'application/json' },
        onAfterResponse: keepAddress,
        onProgress: (sent) => this.progressed(sent),
        onChunkComplete: (size, place) => Object.assign(this, { moved: true, place }),
        onSuccess: () => resolve({ id: this.upload.url.split('/').pop() }),
        onError: (error) => this.failed(error, resolve, reject),
        ...this.tus,
      });
      this.goOn().catch(reject);
    });
  }

  async goOn() {
    const [before] = await this.upload.findPreviousUploads();
    if (before) this.upload.resumeFromPreviousUpload(before);
    this.upload.start();
  }

  progressed(sent) {
    if (this.place === null) this.place = sent;
    this.onProgress(sent);
  }

  // A refusal that will not change is an answer; everything else is tried again.
  failed(error, resolve, reject) {
    const answer = error.originalResponse || (error.causingError && error.causingError.response);
    const status = answer ? answer.getStatus() : 0;
    const body = answer ? read(answer) : {};
    const code = body.error ? body.error.code : '';
    if (status < 400 || status >= 500 || AGAIN.includes(status) || code === 'upload_offset') reject(Object.assign(new Error('line'), { reason: messageOf(body) }));
    else resolve({ status, body });
  }

  async take(id) {
    const form = new FormData();
    for (const [name, value] of Object.entries(this.extra)) form.append(name, value);
    form.append('upload', id);
    this.taking = new AbortController();
    const response = await fetch(this.url, {
      method: 'POST',
      credentials: 'same-origin',
      redirect: 'manual',
      headers: { 'X-CSRFToken': csrfToken(), Accept: 'application/json' },
      body: form,
      signal: this.taking.signal,
    });
    if (response.type === 'opaqueredirect') return { status: 401, body: {} };
    // Still being taken by the request whose answer was lost: asked again, it tells.
    if (response.status === 423) throw new Error('line');
    // Taken back meanwhile, or given up in another window: sent anew.
    if (response.status === 404) {
      await this.forget();
      throw new Error('line');
    }
    const body = await response.json().catch(() => ({}));
    // Damaged where it lay: its sound beginning is still there, and the rest is sent again.
    if (response.status === 409 && body.error && body.error.code === 'upload_not_whole') throw new Error('line');
    return { status: response.status, body };
  }

  async forget() {
    const { store } = this;
    for (const one of await store.findUploadsByFingerprint(this.print)) store.removeUpload(one.urlStorageKey);
  }
}
