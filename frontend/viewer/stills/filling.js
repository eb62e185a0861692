// Fetches the drawn pictures of a series over a thin line: a few over the whole of it first, then what lies between, and never
// beside what is being looked at. Knows nothing of the page: `fetchOne(url)` resolves once a picture is in the browser's cache,
// `shown()` once the picture that is looked at is there.
import { orderOf } from '../quality.js';

export class Filling {
  constructor({ fetchOne, shown, onCame = () => {} }) {
    Object.assign(this, { fetchOne, shown, onCame });
    this.turn = 0;
  }

  // Begins with these addresses; what was begun before is left.
  async run(urls, { start = 0, keys = [] } = {}) {
    this.turn += 1;
    const { turn } = this;
    let came = 0;
    for (const place of orderOf(urls.length, { start, keys })) {
      await this.shown();
      if (turn !== this.turn) return;
      try {
        await this.fetchOne(urls[place]);
        came += 1;
        if (turn === this.turn) this.onCame(came, urls.length);
      } catch {
        // Asked for again when it is looked at.
      }
      if (turn !== this.turn) return;
    }
  }

  stop() {
    this.turn += 1;
  }
}
