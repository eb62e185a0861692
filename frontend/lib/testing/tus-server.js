// A server of uploads for tests: the tus protocol behind tus-js-client's own seam for other transports, and the request that takes
// the whole. `meddle(method, url, {headers, size})` may answer {status, body} instead, or throw as a line that is down does.
import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sending } from '../sending.js';
import { inMemory } from '../upload-store.js';

// The page that the modules look at: its token and its reader; no words, so that each says its key.
export const page = { content: 'old', dataset: { user: '7' } };
globalThis.document = {
  querySelector: () => page,
  querySelectorAll: () => [],
  getElementById: () => null,
};

export function file(name, text) {
  return Object.assign(new Blob([text]), { name, lastModified: 1 });
}

// As a browser has it once its disc was taken out.
export async function gone(name) {
  const folder = mkdtempSync(join(tmpdir(), 'disc-'));
  const path = join(folder, 'file');
  writeFileSync(path, 'abcdef');
  const blob = await openAsBlob(path);
  rmSync(folder, { recursive: true });
  return Object.assign(blob, { name, lastModified: 1 });
}

// A scratched disc: from a place on nothing can be read.
export function scratched(name, text, from) {
  const whole = file(name, text);
  const read = whole.slice.bind(whole);
  whole.slice = (start, end) => (end <= from ? read(start, end) : { size: end - start, arrayBuffer: () => Promise.reject(new Error('NotReadableError')) });
  return whole;
}

export class Server {
  constructor() {
    this.uploads = new Map();
    this.log = [];
    this.meddle = () => null;
    this.storage = inMemory();
    // Names of the group that is on its way: groups are not unpacked here.
    this.names = [''];
    globalThis.fetch = (url, { headers, body }) => this.take(url, headers, body);
  }

  sendingOf(batch, onProgress = () => {}, extra = {}) {
    this.names = batch.map((item) => item.name);
    return new Sending({
      url: '/take', endpoint: '/uploads', batch, onProgress, extra, storage: this.storage, tus: { httpStack: this, fileReader: { openFile } },
    });
  }

  createRequest(method, url) {
    const headers = {};
    return {
      getMethod: () => method,
      getURL: () => url,
      getHeader: (name) => headers[name],
      setHeader: (name, value) => { headers[name] = value; },
      setProgressHandler: () => {},
      abort: () => {},
      send: async (body) => {
        const bytes = body ? new Uint8Array(await body.arrayBuffer()) : new Uint8Array();
        const { status, body: said = {}, ...others } = this.meddled(method, url, headers, bytes.length) || this.tus(method, url, headers, bytes);
        return { getStatus: () => status, getHeader: (name) => others[name], getBody: () => JSON.stringify(said) };
      },
    };
  }

  meddled(method, url, headers, size) {
    this.log.push(method === 'PATCH' ? `PATCH ${headers['Upload-Offset']}+${size}` : `${method} ${url}`);
    return this.meddle(method, url, { headers, size });
  }

  tus(method, url, headers, bytes) {
    if (method === 'POST') {
      const place = `/uploads/${this.uploads.size + 1}`;
      this.uploads.set(place, { length: Number(headers['Upload-Length']), offset: 0 });
      return { status: 201, Location: place };
    }
    const upload = this.uploads.get(url);
    if (!upload) return { status: 404 };
    if (method === 'PATCH') upload.offset += bytes.length;
    return { status: method === 'PATCH' ? 204 : 200, 'Upload-Offset': upload.offset, 'Upload-Length': upload.length };
  }

  async take(url, headers) {
    const answer = this.meddled('POST', url, headers, 0);
    const body = answer ? answer.body : { results: this.names.map((name) => ({ name, ok: true, code: 'taken' })) };
    return { status: answer ? answer.status : 200, json: async () => body };
  }
}

async function openFile(blob) {
  return { size: blob.size, slice: async (start, end) => ({ value: blob.slice(start, end), done: end >= blob.size }), close: () => {} };
}
