import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { droppedFiles } from './dropped.js';
import { file, gone, page, scratched, Server } from './testing/tus-server.js';
import { UploadQueue } from './upload-queue.js';

// What a reader would see: the state of each file, and the sentences.
class Seen {
  constructor() {
    this.said = [];
  }

  row(item) {
    return { name: item.name, kind: 'waiting' };
  }

  mark(row, kind, message) {
    Object.assign(row, { kind, message });
  }

  paused(isPaused) {
    this.said.push(isPaused ? 'paused' : 'goes on');
  }

  signedOut() {
    this.said.push('signed out');
  }

  say(words) {
    this.said.push(words);
  }

  leaveOut() {}

  progress() {}

  active() {}

  done() {
    this.said.push('done');
  }
}

let run = 0;
let server;
let view;
let queue;
let waits;

beforeEach(() => {
  server = new Server();
  page.content = 'old';
  view = new Seen();
  waits = 0;
  queue = new UploadQueue({
    view,
    sendingOf: (batch, onProgress) => server.sendingOf(batch, onProgress),
    wait: async () => {
      waits += 1;
      if (waits > 5) throw new Error('it waits for ever');
    },
  });
  run += 1;
});

// Names are new in each test: what a page sends is remembered under them.
const files = (count, size = 4) => Array.from({ length: count }, (_, index) => file(`${run}-${index}`, 'x'.repeat(size)));
const groups = () => server.log.filter((line) => line === 'POST /take').length;

test('a session that ends keeps the queue, and it goes on after signing in again', async () => {
  server.meddle = () => (groups() > 1 ? { status: 401, body: {} } : null);
  await queue.add(files(40));
  assert.deepEqual(view.said, ['paused', 'signed out']);
  assert.deepEqual([queue.totals.taken, queue.totals.refused, queue.queue.length, queue.unfinished], [16, 0, 24, true]);
  assert.deepEqual([...new Set(queue.queue.map((item) => item.row.kind))], ['waiting']);
  server.meddle = () => null;
  await queue.comeBack();
  assert.deepEqual([queue.totals.taken, queue.totals.refused, queue.unfinished], [40, 0, false]);
  assert.deepEqual(view.said.slice(2), ['goes on', 'done']);
});

test('who paused it oneself is not made to go on', async () => {
  queue.togglePause();
  await queue.add(files(1));
  await queue.comeBack();
  assert.deepEqual([queue.paused, server.log, queue.unfinished], [true, [], true]);
});

test('a new token of the same person goes on without a word', async () => {
  const refused = { status: 400, body: { error: { code: 'csrf', csrf_token: 'new', user: 7 } } };
  server.meddle = (method, url, { headers }) => (headers['X-CSRFToken'] === 'old' && method !== 'HEAD' ? refused : null);
  await queue.add(files(20));
  assert.deepEqual([queue.totals.taken, view.said], [20, ['done']]);
});

test('what is refused for its size comes in smaller groups, and alone it is refused', async () => {
  server.meddle = (method, url, { size }) => (size > 60_000 ? { status: 413 } : null);
  await queue.add([...files(4, 20_000), file(`${run}-large`, 'x'.repeat(61_000))]);
  assert.deepEqual([queue.totals.taken, queue.totals.refused, waits], [4, 1, 0]);
});

test('a file that cannot be read is refused, and the others of its group are taken', async () => {
  await queue.add([...files(2), await gone(`${run}-gone`)]);
  assert.deepEqual([queue.totals.taken, queue.totals.refused, waits], [2, 1, 0]);
});

test('a large file that can be read no further is refused, too', async () => {
  await queue.add([scratched(`${run}-large`, 'x'.repeat(9 * 2 ** 20), 8 * 2 ** 20), ...files(1)]);
  assert.deepEqual([queue.totals.taken, queue.totals.refused, waits], [1, 1, 0]);
});

test('where the line is down nothing is refused', async () => {
  server.meddle = () => {
    if (waits < 3) throw new Error('cut');
  };
  await queue.add(files(3));
  assert.deepEqual([queue.totals.taken, queue.totals.refused, waits], [3, 0, 3]);
});

const fileEntry = (name) => ({ name, fullPath: `/disc/${name}`, isFile: true, file: (resolve) => resolve(file(name, 'x')) });
const broken = (name) => ({ name, isFile: true, file: (resolve, reject) => reject(new Error('NotReadableError')) });

function folder(name, ...children) {
  const parts = [children, []];
  return { name, isFile: false, createReader: () => ({ readEntries: (resolve) => resolve(parts.shift()) }) };
}

test('what of a drop cannot be read is named, and the rest is sent', async () => {
  const closed = { name: 'closed', isFile: false, createReader: () => ({ readEntries: (_, reject) => reject(new Error('no right')) }) };
  const entries = [folder('disc', fileEntry(`${run}-a`), broken('b'), closed, fileEntry(`${run}-c`)), broken('d')];
  const { files: found, unread } = await droppedFiles({ items: entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })) });
  assert.deepEqual([found.map((one) => one.name), unread], [[`${run}-a`, `${run}-c`], ['b', 'closed', 'd']]);
  await queue.add(found, unread);
  assert.deepEqual([queue.totals.taken, queue.totals.refused], [2, 3]);
});

test('a drop that cannot be read at all is told', async () => {
  await queue.add([], ['disc']);
  assert.deepEqual([queue.totals.refused, queue.unfinished], [1, false]);
});
