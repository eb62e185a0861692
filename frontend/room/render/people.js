// Who is here: by name, hospital, discipline and seat; raised hands first; who presents.
import { find, h, replaceContent, setText } from '../dom.js';
import { currentItem } from '../state.js';
import { inLanguage, named, roleName, say } from '../words.js';

// Who came for another county's case does not see this one.
function mayPresent(state, person) {
  const item = currentItem(state);
  if (!item || person.user === state.presenter || person.role === 'observer') return false;
  return person.role !== 'presenter' || person.user === item.presenter;
}

function presentButton(state, person, actions) {
  const leads = state.me.can.lead || state.presenter === state.me.user;
  if (state.conference.state !== 'live' || !leads || !mayPresent(state, person)) return null;
  const words = person.user === state.me.user ? say('people.take') : say('people.give');
  return h('button', { type: 'button', class: 'btn btn-sm btn-secondary', 'data-key': `present-${person.user}`, 'aria-label': `${words}${say('between')}${person.name}`, on: { click: () => actions.present(person.user) } }, words);
}

function row(state, person, actions) {
  const me = person.user === state.me.user;
  const place = [inLanguage(person, 'hospital'), person.discipline && named('disciplines', person.discipline), roleName(person.role)].filter(Boolean).join(' · ');
  return h('li', { class: 'person-row', 'data-user': person.user },
    h('span', { class: 'presence is-here', 'aria-hidden': 'true' }),
    h('div', { class: 'person-who' }, h('p', {}, h('strong', {}, me ? `${person.name}${say('people.me')}` : person.name),
      state.hands.includes(person.user) ? h('span', { class: 'tag tone-wait' }, say('people.hand')) : null,
      state.presenter === person.user ? h('span', { class: 'tag tone-accent' }, say('people.presenting')) : null), h('p', { class: 'quiet' }, place)),
    presentButton(state, person, actions));
}

function byHand(state) {
  const place = (person) => (state.hands.includes(person.user) ? state.hands.indexOf(person.user) : state.hands.length);
  return [...state.people].sort((one, other) => place(one) - place(other));
}

export function renderPeople(state, actions) {
  const rows = byHand(state).map((person) => row(state, person, actions));
  replaceContent(find('[data-people]'), rows.length ? rows : [h('li', { class: 'quiet' }, say('people.empty'))]);
  setText(find('[data-people-label]'), say('people.n', { n: state.people.length }));
  const mark = find('[data-hands-mark]');
  mark.hidden = !state.hands.length;
  setText(mark, String(state.hands.length));
}

export function renderHand(state) {
  const button = find('[data-hand]');
  const up = state.hands.includes(state.me.user);
  button.hidden = !state.me.can.speak || state.conference.state !== 'live';
  button.setAttribute('aria-pressed', String(up));
  setText(find('[data-hand-words]'), say(up ? 'hand.down' : 'hand.up'));
}
