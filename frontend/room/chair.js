// What the chair and the coordinator do: begin, take up a case, end it with an outcome, end the conference.
import { announce } from '../lib/announce.js';
import { onceKey } from '../lib/once.js';
import { find, h, setText } from './dom.js';
import { caseTitle } from './render/case.js';
import { currentItem } from './state.js';
import { named, say } from './words.js';

export class Chair {
  // `call(event, payload)` gives the acknowledgement or throws where the line is down; `check()` asks anew what counts.
  constructor(call, check) {
    this.call = call;
    this.check = check;
    this.form = find('[data-leave-form]');
    this.dialog = document.getElementById('leave-item');
    this.listen();
  }

  listen() {
    for (const button of document.querySelectorAll('[data-start]')) button.addEventListener('click', () => this.act('start', {}, button));
    this.form.addEventListener('submit', (event) => this.leave(event));
    this.form.addEventListener('change', () => this.drawOutcome());
    find('[data-close-form]').addEventListener('submit', (event) => this.close(event));
  }

  render(state) {
    this.state = state;
    const item = currentItem(state);
    const words = item ? caseTitle(item) : '';
    setText(find('[data-close-open]'), words ? say('close.open', { title: words }) : '');
    if (this.dialog.open) this.drawQuorum();
    // The case has been left by somebody else meanwhile.
    if (this.dialog.open && this.leaving && (!item || item.id !== this.leaving.id)) this.dialog.close();
  }

  takeUp(item) {
    if (currentItem(this.state)) this.ask(item.id);
    else this.act('advance', { item: item.id, leaving: 0 });
  }

  // The dialog in which the case that is on gets its outcome, and the next one is chosen.
  ask(next) {
    const item = currentItem(this.state);
    if (!item) return;
    this.leaving = item;
    this.form.reset();
    setText(find('[data-leave-case]'), caseTitle(item));
    const waiting = this.state.items.filter((one) => !one.hidden && one.state === 'waiting');
    const again = this.state.items.filter((one) => one.id === next && one.state !== 'waiting');
    const { next: select } = this.form.elements;
    select.replaceChildren(...[...waiting, ...again].map((one) => h('option', { value: one.id }, caseTitle(one))), h('option', { value: '' }, say('leave.none')));
    select.value = String(next || (waiting[0] ? waiting[0].id : ''));
    this.fail('');
    this.drawOutcome();
    this.check();
    this.dialog.showModal();
    for (const radio of this.form.elements.outcome) radio.dispatchEvent(new Event('change', { bubbles: true }));
  }

  drawOutcome() {
    find('[data-leave-reason]').hidden = this.form.elements.outcome.value !== 'deferred';
    this.drawQuorum();
  }

  // Only a case that was discussed gets an opinion, and that asks for a quorum.
  drawQuorum() {
    const { quorum, conference } = this.state;
    const line = find('[data-leave-quorum]');
    line.hidden = !quorum || this.form.elements.outcome.value !== 'concluded';
    if (line.hidden) return;
    line.classList.toggle('is-not-met', !quorum.met);
    setText(line, quorum.met ? say('leave.met', { n: quorum.present.length }) : this.lacking(quorum, conference.min_disciplines));
  }

  lacking(quorum, least) {
    const names = quorum.missing.map((one) => named('disciplines', one)).join(say('list.between'));
    return [say('leave.not_met', { n: quorum.present.length, least }), names && say('leave.missing', { names }), say('leave.override')].filter(Boolean).join('');
  }

  fail(words) {
    const error = find('[data-leave-error]');
    error.hidden = !words;
    setText(error, words);
  }

  async leave(event) {
    event.preventDefault();
    const { outcome, reason, text, next } = this.form.elements;
    const deferred = outcome.value === 'deferred';
    const payload = {
      item: next.value ? Number(next.value) : null,
      leaving: this.leaving.id,
      outcome: outcome.value,
      reason: deferred ? reason.value : '',
      text: deferred ? text.value : '',
    };
    const answer = await this.send('advance', payload);
    if (answer.ok) this.dialog.close();
    else this.fail(Object.values(answer.error.fields || {})[0] || answer.error.message);
  }

  async close(event) {
    event.preventDefault();
    if ((await this.act('close', {})).ok) document.getElementById('close-room').close();
  }

  async send(event, payload) {
    try {
      return await this.call(event, { ...payload, key: onceKey() });
    } catch {
      return { ok: false, error: { code: 'line', message: say('error.line'), fields: {} } };
    }
  }

  async act(event, payload, button = null) {
    if (button) button.disabled = true;
    const answer = await this.send(event, payload);
    if (button) button.disabled = false;
    if (!answer.ok) announce(Object.values(answer.error.fields || {})[0] || answer.error.message, 'stop');
    return answer;
  }
}
