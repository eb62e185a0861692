// The case in short: question, history, stage; the whole stands on the case's own page.
import { find, h } from '../dom.js';
import { currentItem } from '../state.js';
import { inLanguage, say } from '../words.js';
import { sexAndAge, shortName } from './case.js';

function line(key, text) {
  return text ? [h('dt', {}, say(`summary.${key}`)), h('dd', {}, text)] : [];
}

function stageText(found) {
  const group = [found.tnm, found.stage].filter(Boolean).join(' ');
  const mark = ['yes', 'no', 'unknown'].includes(found.iii_plus) ? say(`summary.iii_${found.iii_plus}`) : '';
  return [group, mark].filter(Boolean).join(say('between'));
}

export function renderSummary(state) {
  const root = find('[data-summary]');
  const item = currentItem(state);
  if (!item) {
    root.replaceChildren(h('p', { class: 'quiet' }, say('summary.none')));
    return;
  }
  const found = item.case;
  const warning = state.unconfirmed.includes(item.id) ? [h('p', { class: 'notice tone-stop' }, say('summary.unconfirmed'))] : [];
  root.replaceChildren(
    ...warning,
    h('p', { class: 'room-question' }, h('strong', {}, say('summary.question')), h('span', {}, found.question)),
    h('dl', { class: 'room-facts' }, ...line('patient', [shortName(found), sexAndAge(found)].filter(Boolean).join(' ')), ...line('hospital', inLanguage(found, 'hospital')),
      ...line('tumour', inLanguage(found, 'tumour')), ...line('diagnosis', found.diagnosis), ...line('stage', stageText(found)), ...line('history', found.summary)),
    h('p', {}, h('a', { href: `/cases/${found.id}`, target: '_blank', rel: 'noopener' }, say('summary.open'))));
}
