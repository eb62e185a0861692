// What the reader sees of an upload: one row for each file, refused ones first, and an honest progress line.
import { bytes, duration } from '../lib/format.js';
import { signInLink } from '../lib/sign-in.js';
import { word } from '../lib/words.js';

const MARKS = { waiting: '', sending: '', taken: 'ok', held: 'wait', there: 'info', refused: 'stop' };

function cell(className, text) {
  const element = document.createElement('td');
  element.className = className;
  element.textContent = text;
  return element;
}

export class UploadView {
  constructor(zone) {
    const part = (name) => zone.querySelector(`[data-upload-${name}]`);
    this.panel = part('panel');
    this.bar = part('bar');
    this.line = part('line');
    this.pause = part('pause');
    this.rows = part('rows');
    this.refusedRows = part('refused');
    this.refusedBox = part('refused-box');
    this.leftBox = part('left');
    this.leftNames = part('left-names');
    this.leftOut = 0;
    this.discSaid = part('disc-said');
    this.notice = '';
  }

  onPause(act) {
    this.pause.addEventListener('click', act);
  }

  row(item) {
    this.panel.hidden = false;
    const row = document.createElement('tr');
    const state = cell('', '');
    row.append(cell('file-name', item.name), cell('num text-end', bytes(item.size)), state, cell('file-note', ''));
    this.rows.append(row);
    this.mark(row, 'waiting');
    return row;
  }

  mark(row, kind, message = '', series = '') {
    const [, , state, note] = row.children;
    const tag = document.createElement('span');
    tag.className = MARKS[kind] ? `tag tone-${MARKS[kind]}` : 'quiet';
    tag.textContent = word(`upload.${kind}`);
    state.textContent = '';
    state.append(tag);
    note.textContent = message || series || '';
    if (kind === 'refused') {
      this.refusedRows.append(row);
      this.refusedBox.hidden = false;
    }
  }

  // Taken, and to be looked at: a tag beside the state, and the row among the first.
  warn(row) {
    const tag = document.createElement('span');
    tag.className = 'tag tone-wait';
    tag.textContent = word('upload.check');
    row.children[2].append(' ', tag);
    this.rows.prepend(row);
  }

  // A refused file of a ZIP: named with the ZIP that it came in.
  inside(archive, { name, message }) {
    const row = document.createElement('tr');
    row.append(cell('file-name', `${archive} › ${name}`), cell('', ''), cell('', ''), cell('file-note', ''));
    this.mark(row, 'refused', message);
  }

  // The viewer of a disc: how many files of it, and their names on demand.
  leaveOut(names, count) {
    if (!count) return;
    this.panel.hidden = false;
    this.leftOut += count;
    this.leftBox.hidden = false;
    this.leftBox.querySelector('summary').textContent = word('upload.left_out', { n: this.leftOut });
    for (const name of names) {
      const line = document.createElement('li');
      line.textContent = name;
      this.leftNames.append(line);
    }
  }

  // What the directory of a disc lists, and what of it is missing.
  disc(words) {
    const line = document.createElement('li');
    line.textContent = words;
    this.discSaid.append(line);
  }

  active(isActive) {
    this.pause.hidden = !isActive;
    this.notice = '';
  }

  paused(isPaused) {
    this.pause.textContent = word(isPaused ? 'upload.continue' : 'upload.pause');
    this.say(isPaused ? word('upload.paused') : '');
  }

  signedOut() {
    this.say(word('upload.signedout'));
    this.line.append(' ', signInLink());
  }

  say(words) {
    this.notice = words;
    this.line.textContent = words;
  }

  progress(totals, perSecond) {
    this.bar.max = Math.max(1, totals.bytes);
    this.bar.value = totals.bytesDone;
    if (this.notice && perSecond === null) return;
    const parts = [word('upload.amount', {
      done: bytes(totals.bytesDone), total: bytes(totals.bytes), files: totals.filesDone, of: totals.files,
    })];
    if (perSecond !== null) parts.push(word('upload.speed', { speed: bytes(perSecond) }), this.left(totals, perSecond));
    this.notice = '';
    this.line.textContent = parts.join(' · ');
  }

  left(totals, perSecond) {
    const { unit, n } = duration((totals.bytes - totals.bytesDone) / perSecond);
    return word('upload.left', { time: word(`time.${unit}`, { n }) });
  }

  done(totals) {
    this.bar.value = this.bar.max;
    const summary = word('upload.summary', { taken: totals.taken, there: totals.there, refused: totals.refused });
    const parts = [word('upload.done'), summary];
    if (totals.held) parts.push(word('upload.summary_held', { held: totals.held }));
    this.line.textContent = parts.join(' · ');
  }
}
