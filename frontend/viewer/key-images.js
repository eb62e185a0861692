// The key images of a case beside what is shown: thumbnails that go there, and a button that chooses the picture as it stands. Who may not see a picture gets
// none of it: the list comes from the server for each seat by itself.
import { announce } from '../lib/announce.js';
import { messageOf, postJson } from '../lib/http.js';
import { onceKey } from '../lib/once.js';
import { h, replaceContent, setText } from '../room/dom.js';

const AGAIN = 4000;

// What is kept of a state: which picture, its window, inversion and camera; not in which pane it stood.
export function keptState({ series, image, frame, index, slide, center = null, width = null, invert = false, camera = null }) {
  const where = slide === undefined || slide === null ? { series, image, frame, index } : { slide };
  return { ...where, center, width, invert: Boolean(invert), camera };
}

// The state to go to, without what is not there.
export function stateOf({ state }) {
  return Object.fromEntries(Object.entries(state).filter(([name, value]) => !(value === null && ['slide', 'series', 'image', 'index', 'camera'].includes(name)) && !(name === 'image' && value === '')));
}

export class KeyImages {
  // `ask(path)` answers {status, body}; `show(state)` goes there; `capture()` gives what is shown, or nothing.
  constructor({ box, button, ask, say, show, capture }) {
    Object.assign(this, { box, button, ask, say, show, capture });
    this.title = h('h3', {}, say('key.title'));
    this.list = h('ol', { class: 'key-strip' });
    box.append(this.title, this.list);
    button.addEventListener('click', () => this.add());
    this.setCase(null);
  }

  // `seen` changes whenever the list has changed.
  setCase(caseId, seen = 0) {
    if (this.caseId === caseId && this.seen === seen) return;
    const other = this.caseId !== caseId;
    Object.assign(this, { caseId, seen });
    clearTimeout(this.again);
    if (other) this.draw([], false);
    if (caseId !== null) this.load();
  }

  async load() {
    const { caseId } = this;
    let answer = { status: 0 };
    try {
      answer = await this.ask(`/cases/${caseId}/key-images.json`);
    } catch {
      // Tried again below.
    }
    if (caseId !== this.caseId) return;
    clearTimeout(this.again);
    if (answer.status === 200) this.draw(answer.body.key_images, answer.body.can.mark);
    else if (answer.status === 0 || answer.status >= 500) this.again = setTimeout(() => this.load(), AGAIN);
  }

  draw(images, may) {
    this.box.hidden = images.length === 0;
    this.may = may;
    this.drawButton();
    replaceContent(this.list, images.map((one, place) => this.entry(one, place + 1)));
  }

  // A slide can't be chosen yet: its part is not drawn for the printed opinion.
  offer(slide) {
    this.slide = slide;
    this.drawButton();
  }

  drawButton() {
    this.button.hidden = !this.may || Boolean(this.slide);
  }

  entry(one, n) {
    const words = this.say('key.show', { n, caption: one.caption });
    return h('li', {}, h('button', { type: 'button', 'data-key': `key-image-${one.id}`, title: words, 'aria-label': words, on: { click: () => this.show(stateOf(one)) } },
      h('img', { src: one.thumbnail, alt: '', loading: 'lazy' }), h('span', {}, one.caption ? `${n}. ${one.caption}` : `${n}.`)));
  }

  async add() {
    const state = this.capture();
    if (!state || this.caseId === null) return;
    const { caseId } = this;
    let words = this.say('key.failed');
    this.button.disabled = true;
    try {
      const { status, body } = await postJson(`/cases/${caseId}/key-images`, { key: onceKey(), state: keptState(state), caption: '' });
      words = status === 200 ? null : Object.values((body.error && body.error.fields) || {})[0] || messageOf(body) || words;
    } catch {
      // Said below.
    }
    this.button.disabled = false;
    announce(words === null ? this.say('key.added') : words, words === null ? 'ok' : 'stop');
    if (words === null && caseId === this.caseId) this.load();
  }
}
