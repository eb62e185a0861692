// The marks of a case: fetched, added, struck out. The server measures them; what it says is what is shown.
import { messageOf, postJson } from '../lib/http.js';
import { onceKey } from '../lib/once.js';
import { say } from './words.js';

const short = (number, digits) => Number(number.toFixed(digits)).toString();

// The lines at a mark.
export function linesOf({ text, value }, words = say) {
  const lines = text ? [text] : [];
  if (value.length_mm !== undefined) lines.push(`${short(value.length_mm, 1)} mm`);
  if (value.length_px !== undefined) lines.push(words('mark.pixels', { n: short(value.length_px, 1) }));
  if (value.angle_deg !== undefined) lines.push(`${short(value.angle_deg, 1)}°`);
  if (value.area_mm2 !== undefined) lines.push(value.area_mm2 >= 100 ? `${short(value.area_mm2 / 100, 2)} cm²` : `${short(value.area_mm2, 1)} mm²`);
  if (value.area_px !== undefined) lines.push(words('mark.pixels', { n: `${short(value.area_px, 0)} ²` }));
  if (value.mean !== undefined) lines.push(words('mark.mean', { n: short(value.mean, 1), unit: value.unit || '' }));
  if (value.deviation !== undefined) lines.push(words('mark.deviation', { n: short(value.deviation, 1), unit: value.unit || '' }));
  if (value.at === 'detector') lines.push(words('mark.at_detector'));
  return lines;
}

export class Marks {
  // `changed()` hears of a new list, `tell(words)` says what went wrong.
  constructor({ changed, tell }) {
    Object.assign(this, { changed, tell });
    this.forget();
  }

  forget() {
    this.caseId = null;
    this.list = [];
    this.can = false;
    this.changes = 0;
  }

  // Those on a series or a slide, as the server describes it.
  of({ slide, id }) {
    return this.list.filter((mark) => (slide ? mark.slide === slide : mark.series === id) && !mark.struck);
  }

  async load(caseId = this.caseId) {
    this.caseId = caseId;
    if (!caseId) return;
    const { changes } = this;
    try {
      const answer = await fetch(`/cases/${caseId}/marks.json`, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
      if (!answer.ok || caseId !== this.caseId) return;
      const { marks, can } = await answer.json();
      // A list that was on its way while a mark was added or struck out is older than what is shown.
      if (changes !== this.changes && caseId === this.caseId) {
        await this.load(caseId);
        return;
      }
      this.list = marks;
      this.can = can.mark;
      this.changed();
    } catch {
      // The pictures are there without; asked again with the next change.
    }
  }

  // Gives the mark as the server keeps it, or nothing.
  async add(wish) {
    const mark = await this.post('', { key: onceKey(), ...wish });
    if (mark) this.put(mark);
    return mark;
  }

  async strike(id, reason) {
    const mark = await this.post(`/${id}/strike`, { reason });
    if (mark) this.put(mark);
    return mark;
  }

  put(mark) {
    this.changes += 1;
    this.list = [...this.list.filter((one) => one.id !== mark.id), mark];
    this.changed();
  }

  async post(path, body) {
    let answer = { status: 0, body: {} };
    try {
      answer = await postJson(`/cases/${this.caseId}/marks${path}`, body);
    } catch {
      // Said below.
    }
    if (answer.status === 200 && answer.body.ok) {
      this.tell('');
      return answer.body.mark;
    }
    this.tell(say(answer.status ? 'mark.refused' : 'mark.not_sent', { message: messageOf(answer.body) || String(answer.status) }));
    this.changed();
    return null;
  }
}
