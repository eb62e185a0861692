// [data-phone-capture]: photographs of one case, from the camera or the album: corners, black-out, kind, send.
import { regionsOf } from '../behaviours/regions.js';
import { Countdown } from '../lib/clock.js';
import { postJson } from '../lib/http.js';
import { isSheet, turnCorners, whole } from '../lib/straighten.js';
import { wordsOf } from '../lib/words.js';
import { CornerEditor } from './corners.js';
import { Outbox } from './outbox.js';
import { blackedOut, readPicture, straightened, thumbnail, toJpeg, turnPicture } from './pixels.js';

const say = wordsOf('phone-words');
const TONES = { new: 'wait', waiting: 'wait', sending: 'info', kept: 'ok', refused: 'stop' };
// How often the server is asked whether the doctor has ended it.
const ASK_EVERY = 15000;

class Capture {
  constructor(page) {
    const part = (name) => page.querySelector(`[data-phone-${name}]`);
    this.page = page;
    this.views = Object.fromEntries(['list', 'corners', 'cover'].map((name) => [name, part(`view-${name}`)]));
    this.parts = Object.fromEntries([
      'clock', 'kept', 'items', 'item', 'over', 'full', 'broken', 'take', 'next', 'whole', 'turn', 'back', 'kind', 'day', 'send', 'done', 'go-on', 'kind-missing', 'weak',
    ].map((name) => [name, part(name)]));
    this.left = new Countdown(Number(page.dataset.phoneLeft));
    this.more = Number(page.dataset.phoneMore);
    this.photographs = [];
    this.kept = 0;
    this.number = 0;
    this.current = null;
    this.corners = new CornerEditor(this.views.corners, (corners) => this.onCorners(corners));
    this.cover = regionsOf(page.querySelector('[data-regions]'));
    this.outbox = new Outbox({
      url: page.dataset.phoneTake,
      endpoint: page.dataset.phoneParts,
      onChange: (photograph) => this.onSent(photograph),
      onOver: () => this.end(),
      onAnswer: (body) => this.onAnswer(body),
    });
  }

  listen() {
    const { parts } = this;
    for (const input of this.page.querySelectorAll('input[type="file"]')) {
      input.addEventListener('change', () => {
        this.add([...input.files]);
        input.value = '';
      });
    }
    parts.items.addEventListener('click', (event) => this.onItem(event));
    parts.turn.addEventListener('click', () => this.turn());
    parts.whole.addEventListener('click', () => this.corners.set(whole(this.current.picture)));
    parts.next.addEventListener('click', () => this.toCover());
    parts.back.addEventListener('click', () => this.show('corners'));
    parts.kind.addEventListener('change', () => { parts['kind-missing'].hidden = true; });
    parts.send.addEventListener('click', () => this.send());
    parts.done.addEventListener('click', () => this.finish());
    parts['go-on'].addEventListener('click', () => this.goOn());
    for (const button of this.page.querySelectorAll('[data-phone-leave]')) button.addEventListener('click', () => window.history.back());
    // The phone's own way back leaves the picture that is being worked on, not the page.
    window.addEventListener('popstate', () => this.toList());
    window.addEventListener('beforeunload', (event) => {
      if (!this.unsent) return;
      event.preventDefault();
      event.returnValue = '';
    });
    document.addEventListener('visibilitychange', () => this.ask());
    window.setInterval(() => this.tick(), 1000);
    window.setInterval(() => this.ask(), ASK_EVERY);
    this.tick();
    this.count();
  }

  get unsent() {
    return this.photographs.filter(({ status }) => status !== 'kept' && status !== 'refused').length;
  }

  // List

  add(files) {
    const room = Math.max(0, this.more - this.unsent);
    this.parts.full.hidden = files.length <= room;
    for (const source of files.slice(0, room)) {
      const photograph = { source, status: 'new', note: '', share: 0, regions: [], kind: '', picture: null };
      photograph.row = this.row(photograph);
      this.photographs.push(photograph);
    }
    if (!this.current) this.openNext();
    this.drawThumbnails();
  }

  async drawThumbnails() {
    for (const one of this.photographs.filter(({ seen }) => !seen)) {
      one.seen = true;
      // What cannot be read is told when it is opened.
      const picture = await readPicture(one.source).catch(() => null);
      if (picture && one.status === 'new') thumbnail(picture, one.row.querySelector('[data-item-thumb]'));
    }
  }

  row(photograph) {
    const row = this.parts.item.content.firstElementChild.cloneNode(true);
    this.parts.items.append(row);
    this.draw(photograph, row);
    return row;
  }

  draw(photograph, row = photograph.row) {
    const { status, note, share, kind } = photograph;
    const state = row.querySelector('[data-item-state]');
    state.className = `tag tone-${TONES[status]}`;
    state.textContent = say(`state.${status}`, { percent: Math.floor(share * 100) });
    row.querySelector('[data-item-kind]').textContent = kind ? this.kindWords(kind) : '';
    row.querySelector('[data-item-note]').textContent = note;
    row.querySelector('[data-item-edit]').hidden = status !== 'new';
    row.querySelector('[data-item-again]').hidden = status !== 'refused';
    row.querySelector('[data-item-drop]').hidden = status !== 'new' && status !== 'refused';
  }

  kindWords(kind) {
    const option = [...this.parts.kind.options].find(({ value }) => value === kind);
    return option ? option.textContent : '';
  }

  onItem(event) {
    const photograph = this.photographs.find(({ row }) => row.contains(event.target));
    if (!photograph) return;
    if (event.target.closest('[data-item-drop]')) this.drop(photograph);
    else if (event.target.closest('[data-item-edit]')) this.edit(photograph);
    else if (event.target.closest('[data-item-again]')) this.outbox.add(photograph);
  }

  drop(photograph) {
    photograph.row.remove();
    this.photographs = this.photographs.filter((one) => one !== photograph);
  }

  // One picture

  openNext() {
    const next = this.photographs.find(({ status }) => status === 'new');
    if (next) this.edit(next);
    else if (this.current) window.history.back();
  }

  async edit(photograph) {
    this.parts.broken.hidden = true;
    try {
      photograph.picture = await readPicture(photograph.source);
    } catch {
      this.parts.broken.hidden = false;
      this.drop(photograph);
      this.openNext();
      return;
    }
    if (!this.current) window.history.pushState({ editing: true }, '');
    this.current = photograph;
    photograph.regions = [];
    thumbnail(photograph.picture, photograph.row.querySelector('[data-item-thumb]'));
    this.show('corners');
    this.corners.show(photograph.picture, whole(photograph.picture));
  }

  onCorners(corners) {
    this.parts.next.disabled = !isSheet(corners);
    this.views.corners.classList.toggle('is-crossed', this.parts.next.disabled);
  }

  turn() {
    const { current } = this;
    const corners = turnCorners(this.corners.corners, current.picture);
    current.picture = turnPicture(current.picture);
    this.corners.show(current.picture, corners);
  }

  async toCover() {
    const { current } = this;
    const shown = await this.drawn(this.parts.next, async () => {
      // A moment for the button to be seen pressed: the next lines take a second on an old phone.
      await new Promise((resolve) => { window.setTimeout(resolve, 30); });
      current.sheet = straightened(current.picture, this.corners.corners);
      return toJpeg(current.sheet);
    });
    if (!shown) return;
    this.showSheet(URL.createObjectURL(shown), current.sheet);
    if (this.current === current) this.show('cover');
  }

  // What `draw` gives, its button out of reach meanwhile; nothing where the phone has no memory for it: said, to be tried again.
  async drawn(button, draw) {
    button.disabled = true;
    this.parts.weak.hidden = true;
    try {
      return await draw();
    } catch {
      this.parts.weak.hidden = false;
      return null;
    } finally {
      button.disabled = false;
    }
  }

  showSheet(url, { width, height }) {
    const { image, element } = this.cover;
    if (image.src.startsWith('blob:')) URL.revokeObjectURL(image.src);
    image.src = url;
    element.dataset.regionsWidth = width;
    element.dataset.regionsHeight = height;
    this.cover.set([]);
  }

  async send() {
    const { current, parts } = this;
    if (!parts.kind.value) {
      parts['kind-missing'].hidden = false;
      parts.kind.focus();
      return;
    }
    const covered = blackedOut(current.sheet, this.cover.regions);
    const jpeg = await this.drawn(parts.send, () => toJpeg(covered));
    if (!jpeg) return;
    thumbnail(covered, current.row.querySelector('[data-item-thumb]'));
    this.number += 1;
    current.kind = parts.kind.value;
    current.said = { kind: parts.kind.value, dated_on: parts.day.value };
    current.file = new File([jpeg], `${say('file')}-${this.number}.jpg`, { type: 'image/jpeg', lastModified: Date.now() });
    // What lies under the black is forgotten here, too.
    current.source = current.picture = current.sheet = null;
    this.outbox.add(current);
    this.openNext();
  }

  toList() {
    this.current = null;
    for (const one of this.photographs) if (one.status === 'new') one.picture = one.sheet = null;
    this.show('list');
  }

  show(name) {
    for (const [one, view] of Object.entries(this.views)) view.hidden = one !== name;
    this.parts.weak.hidden = true;
    window.scrollTo(0, 0);
    if (name === 'cover') this.cover.draw();
  }

  // The link

  onSent(photograph) {
    this.draw(photograph);
    if (photograph.status === 'kept') {
      this.kept += 1;
      photograph.file = null;
      this.count();
    }
  }

  count() {
    this.parts.kept.textContent = say('kept', { n: this.kept });
  }

  onAnswer({ left, more }) {
    if (left !== undefined) this.left.set(left);
    if (more !== undefined) this.more = more;
  }

  tick() {
    this.parts.clock.textContent = `${this.left}`;
    if (this.left.over && !this.outbox.over) this.end();
  }

  // Whether the link lives; where the line is down it is taken to.
  async ask() {
    if (document.hidden) return true;
    try {
      const response = await fetch(this.page.dataset.phoneState, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
      if (response.status === 401) this.end();
      if (!response.ok) return false;
      this.onAnswer(await response.json());
    } catch {
      // Asked again.
    }
    return true;
  }

  end() {
    this.outbox.stop();
    this.left.set(0);
    this.parts.over.hidden = false;
    this.parts['go-on'].hidden = !this.unsent;
    this.parts.take.hidden = true;
    this.parts.done.hidden = true;
  }

  async goOn() {
    if (!(await this.ask())) return;
    this.parts.over.hidden = true;
    this.parts.take.hidden = false;
    this.parts.done.hidden = false;
    this.outbox.goOn();
  }

  async finish() {
    if (this.unsent) {
      this.parts.items.scrollIntoView();
      if (!window.confirm(say('unsent', { n: this.unsent }))) return;
    }
    await postJson(this.page.dataset.phoneEnd, {}).catch(() => null);
    this.photographs = [];
    window.location.reload();
  }
}

export function start(root) {
  const page = root.querySelector('[data-phone-capture]');
  if (page) new Capture(page).listen();
}
