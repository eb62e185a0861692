// form[data-entry-form][data-check=URL]: what follows from the cells is shown while one types: sex and birth date, choices, stage.
import { isField, named, setValue, setWarnings, valueOf } from '../lib/fields.js';
import { postJson } from '../lib/http.js';
import { replaceParts } from '../lib/parts.js';
import { listCodes } from './case-form.js';

const PAUSE = 300;

class EntryForm {
  constructor(form) {
    this.form = form;
    this.filled = new Map();
    this.timer = null;
    this.asked = 0;
  }

  listen() {
    const soon = () => {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.check(), PAUSE);
    };
    this.form.addEventListener('input', soon);
    this.form.addEventListener('change', soon);
    this.form.addEventListener('focusin', (event) => {
      if (event.target.dataset.icd10) listCodes(event.target);
    });
    if (this.form.dataset.unsaved) this.guard();
    if (this.form.dataset.focus) this.lead(this.form.dataset.focus);
  }

  // A form without a draft: leaving it asks first.
  guard() {
    let unsaved = this.form.dataset.unsaved === 'yes';
    this.form.addEventListener('input', () => {
      unsaved = true;
    });
    this.form.addEventListener('submit', (event) => {
      if (!event.defaultPrevented) unsaved = false;
    });
    window.addEventListener('beforeunload', (event) => {
      if (!unsaved) return;
      event.preventDefault();
      event.returnValue = '';
    });
  }

  // To what looks wrong: the next key mends it, and nothing else.
  lead(name) {
    const [field] = named(this.form, name).filter((element) => element.type !== 'hidden');
    if (!field) return;
    field.focus();
    if (field.select) field.select();
  }

  cells() {
    const names = [...this.form.elements].filter(isField).map((element) => element.name);
    return Object.fromEntries(names.map((name) => [name, valueOf(this.form, name)]));
  }

  async check() {
    this.asked += 1;
    const asked = this.asked;
    let answer;
    try {
      answer = await postJson(this.form.dataset.check, { fields: this.cells() });
    } catch {
      return;
    }
    // A later question is on its way: its answer counts.
    if (answer.status === 200 && asked === this.asked) this.show(answer.body);
  }

  show(body) {
    // What was filled in says more: the stage follows from the edition, too.
    if (this.adopt(body.fields)) this.check();
    setWarnings(this.form, body.warnings);
    for (const [key, words] of Object.entries(body.derived)) {
      for (const slot of document.querySelectorAll(`[data-derived="${key}"]`)) slot.textContent = words;
    }
    // Choices that did not change stay as they are: a list that is open would close.
    const list = document.getElementById('entry-choices');
    const parts = { ...body.html };
    if (list && list.outerHTML.trim() === parts['entry-choices'].trim()) delete parts['entry-choices'];
    replaceParts(parts);
  }

  // Only into what is empty, or was filled in here before: what a person typed stands.
  adopt(fields) {
    let adopted = false;
    for (const [name, value] of Object.entries(fields)) {
      const current = valueOf(this.form, name);
      const ours = current === '' || current === this.filled.get(name);
      const busy = named(this.form, name).some((element) => element === document.activeElement);
      if (current === null || !ours || busy || current === value) continue;
      setValue(this.form, name, value);
      this.filled.set(name, value);
      adopted = true;
    }
    return adopted;
  }
}

export function start(root) {
  for (const form of root.querySelectorAll('form[data-entry-form]')) new EntryForm(form).listen();
}
