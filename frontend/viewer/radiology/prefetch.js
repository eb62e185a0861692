// Fetches the rest of a series while somebody looks at it: from where they are outwards, a few at a time, as much as may be kept.
import { core } from './cornerstone.js';

const AT_ONCE = 3;
const SHARE = 0.7;

export class Prefetch {
  constructor(ids, { where, onLoaded }) {
    this.ids = ids;
    this.where = where;
    this.onLoaded = onLoaded;
    this.had = new Set();
    this.running = 0;
    this.stopped = false;
  }

  start() {
    for (let n = 0; n < AT_ONCE; n += 1) this.next();
  }

  stop() {
    this.stopped = true;
  }

  // One that could not be loaded is not tried again: shown, it says why.
  nearest() {
    const middle = this.where();
    for (let off = 0; off < this.ids.length; off += 1) {
      for (const place of off ? [middle + off, middle - off] : [middle]) {
        if (place >= 0 && place < this.ids.length && !this.had.has(place)) return place;
      }
    }
    return -1;
  }

  async next() {
    if (this.stopped || core.cache.getCacheSize() > core.cache.getMaxCacheSize() * SHARE) return;
    const place = this.nearest();
    if (place < 0) return;
    this.had.add(place);
    try {
      await core.imageLoader.loadAndCacheImage(this.ids[place], { requestType: core.Enums.RequestType.Prefetch, priority: 10 });
      if (!this.stopped) this.onLoaded(place);
    } catch {
      // Said when it is looked at.
    }
    this.next();
  }
}
