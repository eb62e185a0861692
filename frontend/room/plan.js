// The opinion on the case that is on: everybody sees it as it is typed; who may write it writes field by field.
import { announce } from '../lib/announce.js';
import { onceKey } from '../lib/once.js';
import { timeOfDay } from './clock.js';
import { find, h, setText } from './dom.js';
import { throttle } from './throttle.js';
import { named, roomData, say } from './words.js';

const FIELDS = [
  'outcome', 'answer', 'diagnosis', 'stage', 'intent', 'steps', 'further_tests', 'imaging_review', 'pathology_review', 'alternative', 'review_point',
  'patient_wish', 'basis',
];
const SAVE_AFTER = 900;
const SAVE_AGAIN = 3000;
const TYPING_EVERY = 250;
const TYPING_STAYS = 5000;
const ROWS = 2;
// Characters on a line of the side, about.
const LINE_HOLDS = 20;
const CHOICES = ['for', 'against', 'abstain'];

function stageText(stage) {
  const categories = [stage.t, stage.n, stage.m].filter(Boolean).join(' ');
  return [categories && `${stage.classification || ''}${categories}`, stage.stage_group].filter(Boolean).join(' ');
}

function stepText(step, place) {
  return `${place + 1}. ${[named('modalities', step.modality), step.what, step.where, step.who, step.when].filter(Boolean).join(' · ')}`;
}

// A text to be read shows the whole of itself.
export function rowsFor(text) {
  return text.split('\n').reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / LINE_HOLDS)), 0);
}

export class Plan {
  constructor({ call, signal, storage, name }) {
    this.call = call;
    this.storage = storage;
    this.name = name;
    this.left = [];
    this.form = find('[data-plan]');
    this.tellTyping = throttle((data) => signal('typing', data), TYPING_EVERY);
    this.item = null;
    this.inputs = new Map();
    this.reset(null);
    this.form.addEventListener('submit', (event) => event.preventDefault());
  }

  reset(item) {
    this.item = item;
    this.dirty = new Map();
    this.typed = new Map();
    this.conflicts = new Map();
    this.base = 0;
    this.pending = null;
    this.form.replaceChildren();
    this.inputs.clear();
    clearTimeout(this.timer);
  }

  render(state) {
    this.state = state;
    const item = this.shownItem(state);
    const id = item ? item.id : null;
    if (id !== this.item) {
      this.flush();
      this.reset(id);
      if (item) {
        this.build();
        this.restore();
      }
    }
    this.drawFrame(item);
    if (item) this.draw();
  }

  // The case that is on; between cases, the one that was on last here, so that its text can be finished.
  shownItem(state) {
    const wanted = state.current === null && this.item !== null && state.conference.state === 'live' ? this.item : state.current;
    return state.items.find((one) => !one.hidden && one.id === wanted) || null;
  }

  get stored() {
    return this.state.plans[this.item] || null;
  }

  get writable() {
    const open = !this.stored || this.stored.state === 'draft';
    return this.state.me.can.write_plan && open && this.state.conference.state === 'live';
  }

  drawFrame(item) {
    const note = find('[data-plan-note]');
    const signed = this.stored && item ? { signing: say('plan.read_only'), signed: say('plan.signed') }[this.stored.state] : '';
    const watching = this.state.me.can.write_plan ? '' : say('plan.watching');
    const words = item ? signed || watching : say('plan.none');
    note.hidden = !words;
    setText(note, words);
    this.form.hidden = !item;
    this.form.classList.toggle('is-read-only', Boolean(item) && !this.writable);
    const link = find('[data-plan-link]');
    link.hidden = !item;
    if (!item) {
      find('[data-votes]').hidden = true;
      return;
    }
    const open = find('[data-plan-open]');
    open.href = `/cases/${item.case.id}/plan`;
    setText(open, say('plan.open'));
    this.drawVotes(item);
  }

  drawVotes(item) {
    const box = find('[data-votes]');
    const votes = this.state.votes[item.id] || {};
    const mine = votes[this.state.me.user];
    const may = this.state.me.can.vote && this.state.current === item.id && this.state.conference.state === 'live';
    box.hidden = !may && !Object.keys(votes).length;
    const count = (choice) => Object.values(votes).filter((one) => one === choice).length;
    const buttons = CHOICES.map((choice) => {
      const words = `${say(`vote.${choice}`)} ${count(choice)}`;
      return may ? h('button', { type: 'button', class: 'btn btn-sm btn-secondary', 'aria-pressed': String(mine === choice), 'data-vote': choice, on: { click: () => this.vote(choice) } }, words)
        : h('span', { class: 'tag tone-neutral' }, words);
    });
    const focused = box.contains(document.activeElement) ? document.activeElement.dataset.vote : null;
    box.replaceChildren(h('span', { class: 'quiet' }, say('vote.question')), ...buttons);
    // The buttons are gone once the case has been left.
    if (focused) (find(`[data-vote="${focused}"]`, box) || find('#panel-plan')).focus();
  }

  async vote(choice) {
    try {
      const answer = await this.call('vote', { item: this.item, choice, key: onceKey() });
      if (!answer.ok) announce(answer.error.message, 'stop');
    } catch {
      announce(say('error.line'), 'stop');
    }
  }

  // What was typed and not stored survives a reload in the tab's own storage.
  keep() {
    if (this.dirty.size) this.storage.setItem(this.name, JSON.stringify({ item: this.item, base: this.base, fields: [...this.dirty] }));
    else this.storage.removeItem(this.name);
  }

  restore() {
    const kept = JSON.parse(this.storage.getItem(this.name) || 'null');
    if (!kept || kept.item !== this.item || !this.writable) return;
    this.base = kept.base;
    this.dirty = new Map(kept.fields);
    this.timer = setTimeout(() => this.flush(), 0);
  }

  forgetAll() {
    this.storage.removeItem(this.name);
    this.dirty.clear();
    this.left = [];
  }

  build() {
    this.form.replaceChildren(...FIELDS.map((name) => this.fieldOf(name)), h('p', { class: 'plan-state', role: 'status', 'data-plan-state': true }));
  }

  fieldOf(name) {
    const id = `plan-${name}`;
    const input = this.inputOf(name, id);
    input.id = id;
    this.inputs.set(name, input);
    const label = name === 'stage' || name === 'steps' ? h('p', { class: 'field-label' }, say(`plan.${name}`)) : h('label', { class: 'field-label', for: id }, say(`plan.${name}`));
    return h('div', { class: 'plan-field', 'data-field': name }, label, input, h('p', { class: 'plan-typing', 'aria-live': 'off', hidden: true }), h('div', { class: 'plan-conflict', hidden: true }));
  }

  inputOf(name, id) {
    if (name === 'stage' || name === 'steps') return h('div', { class: 'plan-read', 'aria-labelledby': id });
    const listeners = { on: { input: () => this.onInput(name), blur: () => this.flush() } };
    const choices = roomData().lists.choices[name];
    if (!choices) return h('textarea', { class: 'form-control', rows: ROWS, maxlength: 4000, ...listeners });
    return h('select', { class: 'form-select', ...listeners }, h('option', { value: '' }, say('plan.choose')), ...choices.map((one) => h('option', { value: one.code }, one.label)));
  }

  // What a field shows: my own text while it is not stored, else what somebody is typing, else what is stored.
  valueOf(name) {
    if (this.dirty.has(name)) return this.dirty.get(name);
    const typed = this.typed.get(name);
    if (typed) return typed.value;
    const content = this.stored ? this.stored.content : {};
    return content[name] || '';
  }

  draw() {
    const content = this.stored ? this.stored.content : {};
    for (const [name, input] of this.inputs) {
      if (name === 'stage') setText(input, content.stage ? stageText(content.stage) || say('plan.empty_field') : say('plan.empty_field'));
      else if (name === 'steps') this.drawSteps(input, content.steps || []);
      else this.drawInput(name, input);
    }
  }

  drawSteps(element, steps) {
    element.replaceChildren(...(steps.length ? steps.map((step, place) => h('p', {}, stepText(step, place))) : [say('plan.empty_field')]));
  }

  drawInput(name, input) {
    const value = this.valueOf(name);
    if (input.value !== value) input.value = value;
    if (input.tagName === 'SELECT') {
      input.disabled = !this.writable;
      setText(input.options[0], say(this.writable ? 'plan.choose' : 'plan.empty_field'));
    } else {
      input.readOnly = !this.writable;
      input.rows = this.writable ? ROWS : rowsFor(value);
      input.placeholder = this.writable ? '' : say('plan.empty_field');
    }
    const box = input.closest('.plan-field');
    const typed = this.typed.get(name);
    const line = box.querySelector('.plan-typing');
    line.hidden = !typed;
    setText(line, typed ? say('plan.typing', { name: typed.by }) : '');
    box.classList.toggle('is-typed', Boolean(typed));
    this.drawConflict(name, box.querySelector('.plan-conflict'));
  }

  drawConflict(name, box) {
    const theirs = this.conflicts.get(name);
    box.hidden = theirs === undefined;
    if (box.hidden || box.dataset.theirs === theirs) return;
    box.dataset.theirs = theirs;
    box.replaceChildren(h('p', {}, say('plan.stale'), h('br'), theirs || say('plan.empty_field')),
      h('button', { type: 'button', class: 'btn btn-sm btn-secondary', on: { click: () => this.settle(name, true) } }, say('plan.mine')),
      h('button', { type: 'button', class: 'btn btn-sm btn-secondary', on: { click: () => this.settle(name, false) } }, say('plan.theirs')));
  }

  settle(name, mine) {
    this.conflicts.delete(name);
    this.base = this.stored ? this.stored.version : 0;
    if (!mine) this.dirty.delete(name);
    this.keep();
    this.draw();
    this.flush();
  }

  onInput(name) {
    const { value } = this.inputs.get(name);
    if (!this.dirty.size) this.base = this.stored ? this.stored.version : 0;
    this.dirty.set(name, value);
    this.typed.delete(name);
    this.keep();
    this.tellTyping({ item: this.item, field: name, value });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), SAVE_AFTER);
  }

  say(state, words) {
    const line = find('[data-plan-state]', this.form);
    if (!line) return;
    line.dataset.state = state;
    setText(line, words);
  }

  // Stores what was typed. The same try keeps its key until it is answered, so that it counts once.
  async flush() {
    clearTimeout(this.timer);
    if (this.saving || !this.dirty.size || this.item === null) return;
    const item = this.item;
    const fields = Object.fromEntries([...this.dirty].filter(([name]) => !this.conflicts.has(name)));
    if (!Object.keys(fields).length) return;
    const revision = this.stored ? this.stored.revision : null;
    const asked = JSON.stringify([item, this.base, fields]);
    if (!this.pending || this.pending.asked !== asked) this.pending = { asked, key: onceKey() };
    const { base, pending: { key } } = this;
    this.saving = true;
    this.say('saving', say('plan.saving'));
    let answer = null;
    try {
      answer = await this.call('plan', { item, fields, version: base, revision, key });
    } catch {
      // Told below.
    }
    this.saving = false;
    if (item === this.item) this.onAnswer(answer, fields);
    else if (!answer) this.left.push({ item, fields, version: base, revision, key });
  }

  onAnswer(answer, fields) {
    const retry = !answer || ['too_fast', 'http_500'].includes(answer.ok ? '' : answer.error.code);
    if (retry) {
      this.say('unsaved', say('plan.unsaved'));
      this.timer = setTimeout(() => this.flush(), SAVE_AGAIN);
      return;
    }
    this.pending = null;
    if (answer.ok) this.onSaved(answer, fields);
    else if (answer.current) this.onStale(answer.current, fields);
    else {
      const words = Object.values(answer.error.fields || {})[0] || answer.error.message;
      this.say('unsaved', say('plan.refused', { message: words }));
    }
    this.draw();
  }

  onSaved(answer, fields) {
    for (const [name, value] of Object.entries(fields)) if (this.dirty.get(name) === value) this.dirty.delete(name);
    if (answer.version) this.base = answer.version;
    this.keep();
    const refused = Object.values(answer.errors || {})[0];
    if (refused) this.say('unsaved', say('plan.refused', { message: refused }));
    else this.say('saved', say('plan.saved', { time: timeOfDay(Date.now()) }));
    if (this.dirty.size) this.timer = setTimeout(() => this.flush(), SAVE_AFTER);
  }

  onStale(current, fields) {
    this.base = current.version;
    for (const name of Object.keys(fields)) if (name in current.fields && current.fields[name] !== fields[name]) this.conflicts.set(name, current.fields[name]);
    if (!this.conflicts.size) this.timer = setTimeout(() => this.flush(), 0);
    else this.say('unsaved', say('plan.refused', { message: say('plan.stale') }));
  }

  onSignal({ kind, actor, data }) {
    if (kind !== 'typing' || data.item !== this.item || !this.inputs.has(data.field) || this.dirty.has(data.field)) return;
    const before = this.typed.get(data.field);
    if (before) clearTimeout(before.timer);
    const timer = setTimeout(() => this.forgetTyped(data.field), TYPING_STAYS);
    this.typed.set(data.field, { by: actor.name, value: String(data.value || ''), timer });
    this.draw();
  }

  // A stored change of a field ends what was only seen as it was typed.
  onEvent(event) {
    if (event.kind !== 'plan' || event.item !== this.item) return;
    for (const name of Object.keys(event.data.fields || {})) this.forgetTyped(name, false);
  }

  forgetTyped(name, redraw = true) {
    const known = this.typed.get(name);
    if (!known) return;
    clearTimeout(known.timer);
    this.typed.delete(name);
    if (redraw && this.state) this.draw();
  }

  async lineIsUp() {
    for (const one of this.left.splice(0)) await this.call('plan', one).catch(() => this.left.push(one));
    if (this.dirty.size) this.flush();
  }
}
