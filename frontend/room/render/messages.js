// The discussion: what was said, by whom, about which case; and what is not delivered yet.
import { timeOfDay } from '../clock.js';
import { find, h } from '../dom.js';
import { inLanguage, named, say } from '../words.js';
import { placeAndName } from './case.js';

const LATE = 1500;
const NEAR_END = 80;

function head(actor, at) {
  const place = [inLanguage(actor, 'hospital'), actor.discipline && named('disciplines', actor.discipline)].filter(Boolean).join(' · ');
  return h('p', { class: 'message-head' }, h('strong', {}, actor.name), h('span', {}, place), h('time', { datetime: at }, timeOfDay(at)));
}

function subject(state, item) {
  const found = state.items.find((one) => !one.hidden && one.id === item);
  return found ? placeAndName(found) : say('message.general');
}

function row(state, event) {
  return h('li', { class: 'message', 'data-seq': event.seq }, head(event.actor, event.at), h('p', { class: 'message-about', hidden: true }, subject(state, event.item)), h('p', { class: 'message-text' }, event.data.text));
}

// Whether a message has to say what it is about: another case than the one that is on.
export function isAside(state, event) {
  return state.current !== null && event.item !== state.current;
}

function isNearEnd(panel) {
  return panel.scrollHeight - panel.scrollTop - panel.clientHeight < NEAR_END;
}

// Whether what is drawn is how the messages begin; after the end of a conference some may be gone.
export function continues(drawn, messages) {
  return messages.length >= drawn.length && drawn.every((one, place) => one.seq === messages[place].seq);
}

// Only what is new is added, so that who reads further up is not moved.
export class Messages {
  constructor() {
    this.list = find('[data-messages]');
    this.panel = find('#panel-discussion');
    this.drawn = [];
  }

  render(state) {
    const stay = !isNearEnd(this.panel) && this.drawn.length > 0;
    if (!continues(this.drawn, state.messages)) {
      this.list.replaceChildren();
      this.drawn = [];
    }
    for (const event of state.messages.slice(this.drawn.length)) {
      const before = this.drawn[this.drawn.length - 1];
      if (!before || before.item !== event.item) this.list.append(h('li', { class: 'message-divider' }, subject(state, event.item)));
      this.list.append(row(state, event));
      this.drawn.push(event);
    }
    const rows = this.list.querySelectorAll('.message');
    this.drawn.forEach((event, place) => {
      rows[place].querySelector('.message-about').hidden = !isAside(state, event);
    });
    const empty = find('[data-messages-empty]');
    empty.hidden = this.drawn.length > 0;
    empty.textContent = say(state.me.can.speak && state.conference.state !== 'closed' ? 'message.empty' : 'message.empty_reading');
    if (!stay) this.toEnd();
  }

  toEnd() {
    this.panel.scrollTop = this.panel.scrollHeight;
  }
}

function standing(entry, lineUp) {
  if (entry.refused) return say('message.refused', { message: entry.refused });
  const late = Date.now() - Date.parse(entry.at) > LATE;
  return lineUp && !late ? say('message.sending') : say('message.unsent');
}

export function renderUnsent(entries, lineUp, actions) {
  const rows = entries.filter((one) => one.event === 'say').map((entry) => h('li', { class: 'message is-unsent', 'data-unsent-key': entry.key },
    h('p', { class: 'message-text' }, entry.payload.text),
    h('p', { class: entry.refused ? 'message-state is-refused' : 'message-state' }, standing(entry, lineUp),
      entry.refused ? h('button', { type: 'button', class: 'btn btn-link btn-sm', on: { click: () => actions.retry(entry.key) } }, say('message.retry')) : null,
      entry.refused ? h('button', { type: 'button', class: 'btn btn-link btn-sm', on: { click: () => actions.drop(entry.key) } }, say('message.drop')) : null)));
  find('[data-unsent]').replaceChildren(...rows);
}
