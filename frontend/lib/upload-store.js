// Where a group of files was being sent to, so that the same files picked again go on there. Only addresses are kept, under a hash
// of what the files look like from outside: names may hold a patient's.
const PREFIX = 'mdt-upload:';
const KEPT_FOR = 7 * 24 * 60 * 60 * 1000;

// FNV-1a, twice with different beginnings: 64 bits, and no need for a secure context.
export function hash(text) {
  return [0x811c9dc5, 0x01000193].map((start) => {
    let value = start;
    for (let index = 0; index < text.length; index += 1) {
      value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
    }
    return value.toString(16).padStart(8, '0');
  }).join('');
}

export function fingerprint(url, items) {
  return hash([url, ...items.map(({ file }) => [file.name, file.size, file.lastModified].join('/'))].join('|'));
}

// Something like localStorage that ends with the page.
export function inMemory() {
  const kept = new Map();
  return {
    get length() { return kept.size; },
    key: (place) => [...kept.keys()][place],
    getItem: (key) => kept.get(key),
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
}

// The storage of tus-js-client, over localStorage or something like it.
export class UploadStore {
  constructor(storage, now = Date.now) {
    this.storage = storage;
    this.now = now;
  }

  async findAllUploads() {
    return this.find(PREFIX);
  }

  async findUploadsByFingerprint(print) {
    return this.find(`${PREFIX}${print}:`);
  }

  async addUpload(print, upload) {
    const key = `${PREFIX}${print}:${this.now()}`;
    this.storage.setItem(key, JSON.stringify({ uploadUrl: upload.uploadUrl, creationTime: new Date(this.now()).toISOString() }));
    return key;
  }

  async removeUpload(key) {
    this.storage.removeItem(key);
  }

  find(prefix) {
    const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index)).filter((key) => key.startsWith(prefix));
    const found = [];
    for (const key of keys) {
      const entry = JSON.parse(this.storage.getItem(key));
      if (this.now() - Date.parse(entry.creationTime) > KEPT_FOR) this.storage.removeItem(key);
      else found.push({ ...entry, urlStorageKey: key });
    }
    return found;
  }
}
