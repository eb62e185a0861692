// form[data-autosave=URL][data-version]: saves what is typed, a moment later, and says in [data-autosave-state] how it stands.
// Sends {fields, version, key}; reads {ok, version, saved_at, errors, derived, html}. `html` maps element ids to fresh server markup.
// A 409 brings {version, fields}, bare or as `current`: the values now stored. `others` in an answer are fields that somebody else
// has changed meanwhile.
import { backoff } from '../lib/backoff.js';
import { Changes } from '../lib/changes.js';
import { isField, placeOf, setError, setValue, valueOf } from '../lib/fields.js';
import { clock } from '../lib/format.js';
import { messageOf, postJson } from '../lib/http.js';
import { replaceParts } from '../lib/parts.js';
import { signInLink } from '../lib/sign-in.js';
import { word } from '../lib/words.js';
import { showConflicts } from './stale-choice.js';

const PAUSE = 600;

function stored(body) {
  const now = body.current || body;
  return now.fields ? now : null;
}

function fieldLink({ words, element }) {
  const link = document.createElement('a');
  Object.assign(link, { href: `#${element.id}`, textContent: words });
  link.addEventListener('click', (event) => {
    event.preventDefault();
    element.scrollIntoView({ block: 'center' });
    element.focus();
  });
  return link;
}

// Words, links with a comma between them, and what is said after.
function sentence(words, links, rest) {
  const parts = [words];
  links.forEach((link, place) => parts.push(place ? word('autosave.between') : ' ', link));
  if (rest) parts.push(' · ', rest);
  return parts;
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.changes = new Changes();
    this.noted = new Map();
    this.version = Number(form.dataset.version || 0);
    this.timer = null;
    this.attempt = 0;
    this.errors = new Set();
    this.choosing = false;
    this.leaving = false;
  }

  listen() {
    const note = (event) => this.note(event);
    this.form.addEventListener('input', note);
    this.form.addEventListener('change', note);
    this.form.addEventListener('submit', (event) => {
      // confirm.js may hold the form back; only a form that really goes ends the guard.
      this.leaving = !event.defaultPrevented;
    });
    window.addEventListener('online', () => this.soon(0));
    window.addEventListener('focus', () => this.soon(0));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.soon(0);
    });
    window.addEventListener('beforeunload', (event) => {
      if (this.leaving || (!this.changes.dirty && !this.errors.size)) return;
      event.preventDefault();
      event.returnValue = '';
    });
  }

  note(event) {
    if (!isField(event.target) || event.target.closest('[data-autosave-skip]')) return;
    const { name } = event.target;
    const value = valueOf(this.form, name);
    // Leaving a field fires 'change' after its 'input' has been noted already.
    if (event.type === 'change' && this.noted.get(name) === JSON.stringify(value)) return;
    this.noted.set(name, JSON.stringify(value));
    this.changes.change(name, value);
    this.say('pending', word('autosave.pending'));
    this.attempt = 0;
    this.soon(PAUSE);
  }

  soon(wait) {
    if (this.choosing || !this.changes.dirty) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send(), wait);
  }

  async send() {
    const fields = this.changes.take();
    if (fields === null) return;
    this.say('saving', word('autosave.saving'));
    let answer;
    try {
      answer = await postJson(this.form.dataset.autosave, { fields, version: this.version, key: this.changes.key });
    } catch {
      this.retry(word('autosave.unsaved'));
      return;
    }
    this.read(answer, fields);
  }

  read({ status, body }, fields) {
    if (status === 200) this.saved(body, fields);
    else if (status === 409 && stored(body)) this.stale(stored(body));
    else if (status === 401) this.retry(word('autosave.signedout'), [signInLink()]);
    else if (status >= 500 || status === 429) this.retry(word('autosave.unsaved'));
    else this.refused(body, fields);
  }

  saved(body, fields) {
    this.attempt = 0;
    this.changes.acknowledge();
    this.version = body.version === undefined ? this.version : body.version;
    this.form.dataset.version = this.version;
    this.mark(body.errors || {}, fields);
    if (Object.keys(body.others || {}).some((name) => this.changes.names.includes(name))) {
      // Somebody else changed what is being typed here right now: choose before it is sent.
      this.stale({ version: body.version, fields: body.others });
      return;
    }
    this.show(body);
    if (this.changes.dirty) this.soon(PAUSE);
    else this.sayDone(body.saved_at);
    // Reloading the page, or coming back to it, then shows what was typed.
    if (this.form.dataset.draftPage) window.history.replaceState(window.history.state, '', this.form.dataset.draftPage);
    this.form.dispatchEvent(new CustomEvent('autosaved', { bubbles: true, detail: body }));
  }

  sayDone(savedAt) {
    if (this.errors.size) this.sayInvalid(word('autosave.rest'));
    // What is kept of a draft page stands nowhere else yet: it must not sound as if it were done.
    else this.say('saved', word(this.form.dataset.draftPage ? 'autosave.draft' : 'autosave.saved', { time: clock(savedAt ? new Date(savedAt) : new Date()) }));
  }

  // Which fields were not stored, as links to them.
  sayInvalid(rest) {
    const links = [...this.errors].map((name) => placeOf(this.form, name)).filter(Boolean).map(fieldLink);
    this.say('unsaved', word('autosave.invalid'), links, rest);
  }

  // A field with an error was not stored; it is sent again when it changes.
  mark(errors, fields) {
    for (const name of new Set([...Object.keys(fields), ...Object.keys(errors)])) {
      setError(this.form, name, errors[name]);
      if (errors[name]) this.errors.add(name);
      else this.errors.delete(name);
    }
  }

  show(body) {
    for (const [key, value] of Object.entries(body.derived || {})) {
      if (value !== null && typeof value === 'object') continue;
      for (const slot of document.querySelectorAll(`[data-derived="${key}"]`)) slot.textContent = value === null ? '' : value;
    }
    if (body.html) replaceParts(body.html);
  }

  refused(body, fields) {
    const errors = body.errors || (body.error && body.error.fields) || {};
    this.changes.acknowledge();
    this.mark(errors, fields);
    const message = messageOf(body);
    if (message) this.say('unsaved', word('autosave.refused', { message }));
    else this.sayInvalid('');
  }

  retry(words, links = []) {
    this.changes.giveBack();
    this.say('unsaved', words, links);
    this.soon(backoff(this.attempt));
    this.attempt += 1;
  }

  stale(body) {
    this.changes.giveBack();
    this.version = body.version;
    this.say('unsaved', word('autosave.stale'));
    this.choosing = true;
    const mine = Object.fromEntries(this.changes.names.map((name) => [name, this.changes.valueOf(name)]));
    this.adopt(body.fields, mine);
    showConflicts(this.form, mine, body.fields, {
      take: (name, theirs) => {
        this.put(name, theirs);
        this.changes.drop(name);
      },
      done: () => {
        this.choosing = false;
        if (this.changes.dirty) this.soon(0);
        else this.sayDone();
      },
    });
  }

  // Fields that only the other person changed are shown as they are stored now.
  adopt(theirs, mine) {
    for (const [name, value] of Object.entries(theirs)) if (!(name in mine)) this.put(name, value);
  }

  put(name, value) {
    setValue(this.form, name, value);
    this.noted.set(name, JSON.stringify(value));
  }

  say(state, words, links = [], rest = '') {
    const slots = document.querySelectorAll(`[data-autosave-state="${this.form.id}"], [data-autosave-state=""]`);
    for (const slot of slots) {
      slot.dataset.state = state;
      const parts = sentence(words, links, rest);
      const said = parts.map((part) => part.textContent || part).join('');
      // Said again only when it is something new: it is read out.
      if (slot.textContent !== said) slot.replaceChildren(...parts);
    }
  }
}

export function start(root) {
  for (const form of root.querySelectorAll('form[data-autosave]')) {
    if (form.dataset.autosaveStarted) continue;
    form.dataset.autosaveStarted = 'yes';
    new Autosave(form).listen();
  }
}
