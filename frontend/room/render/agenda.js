// The agenda: own cases with their state, others' as minutes only, and the chair's buttons.
import { find, h, replaceContent } from '../dom.js';
import { inLanguage, say } from '../words.js';
import { sexAndAge, shortName } from './case.js';

function hiddenRow(item) {
  return h('li', { class: 'agenda-row is-hidden' }, h('span', { class: 'agenda-name' }, say('agenda.hidden')), h('span', { class: 'agenda-minutes' }, say('agenda.minutes', { n: item.minutes })));
}

function actionOf(state, item, actions) {
  if (!state.me.can.lead || state.conference.state !== 'live') return null;
  if (item.id === state.current) {
    return h('button', { type: 'button', class: 'btn btn-sm btn-secondary', 'data-key': `leave-${item.id}`, 'data-shortcut': 'n', 'data-shortcut-label': say('agenda.leave'), on: { click: () => actions.leave(item) } }, say('agenda.leave'));
  }
  if (item.state === 'undiscussed') return null;
  const words = item.state === 'waiting' ? say('agenda.take_up') : say('agenda.again');
  return h('button', { type: 'button', class: 'btn btn-sm btn-secondary', 'data-key': `take-${item.id}`, 'aria-label': `${words}${say('between')}${shortName(item.case)}`, on: { click: () => actions.takeUp(item) } }, words);
}

function planLink(state, item) {
  if (!['concluded', 'deferred'].includes(item.state)) return null;
  return h('a', { class: 'btn btn-sm btn-secondary', href: `/cases/${item.case.id}/plan`, target: '_blank', rel: 'noopener' }, say('agenda.plan'));
}

function row(state, item, actions) {
  if (item.hidden) return hiddenRow(item);
  const current = item.id === state.current;
  return h('li', { class: current ? 'agenda-row is-current' : `agenda-row is-${item.state}`, 'aria-current': current ? 'true' : null, 'data-item': item.id },
    h('span', { class: 'agenda-name' }, `${shortName(item.case)} ${inLanguage(item.case, 'tumour')}`),
    h('span', { class: 'agenda-from' }, sexAndAge(item.case)),
    h('span', { class: 'agenda-from' }, inLanguage(item.case, 'hospital')),
    state.unconfirmed.includes(item.id) ? h('span', { class: 'agenda-from is-unconfirmed' }, say('agenda.unconfirmed')) : null,
    h('span', { class: 'agenda-minutes' }, `${current ? say('agenda.now') : say(`item.${item.state}`)} · ${say('agenda.minutes', { n: item.minutes })}`),
    h('span', { class: 'agenda-actions' }, actionOf(state, item, actions), planLink(state, item)));
}

export function renderAgenda(state, actions) {
  const rows = state.items.map((item) => row(state, item, actions));
  replaceContent(find('[data-agenda-list]'), rows.length ? rows : [h('li', { class: 'quiet' }, say('agenda.empty'))]);
  const { lead } = state.me.can;
  find('[data-lead]').hidden = !lead;
  for (const button of document.querySelectorAll('[data-start]')) button.hidden = !lead || state.conference.state !== 'scheduled';
  find('[data-close]').hidden = !lead || state.conference.state !== 'live';
}
