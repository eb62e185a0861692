// The top bar: which case, how long, who is here by discipline, how good the line is, and a bar that says when it is down.
import { dayAndTime, usedTime } from '../clock.js';
import { LINE } from '../connection.js';
import { find, h, replaceContent, setText } from '../dom.js';
import { disciplinesHere, standings } from '../quorum.js';
import { currentItem } from '../state.js';
import { inLanguage, named, roomData, say } from '../words.js';
import { caseTitle } from './case.js';

const GOOD = 200;
const FAIR = 800;

export function renderTitle(state) {
  setText(find('[data-title]'), inLanguage(state.conference, 'title'));
  const item = currentItem(state);
  const { starts_at: startsAt, state: standing } = state.conference;
  const idle = {
    scheduled: () => say('bar.starts', { time: dayAndTime(startsAt, roomData().language) }),
    live: () => say(state.elsewhere ? 'bar.elsewhere' : 'bar.none'),
  }[standing] || (() => say(`gate.${standing}`));
  const line = find('[data-case]');
  setText(line, item ? caseTitle(item) : idle());
  line.title = line.textContent;
}

export function renderClock(state, now) {
  const clock = find('[data-clock]');
  const item = currentItem(state);
  clock.hidden = !item || !item.started_at;
  if (clock.hidden) return;
  const used = usedTime(item.started_at, now);
  clock.classList.toggle('over', used.minutes >= item.minutes);
  setText(clock, say('bar.clock', { used: used.text, planned: item.minutes }));
  clock.title = used.minutes >= item.minutes ? say('bar.over', { n: used.minutes - item.minutes }) : '';
}

const CHIP = { here: 'chip is-present', was: 'chip is-counted', missing: 'chip' };

function chip({ discipline, by, standing }) {
  const name = named('disciplines', discipline);
  const about = say(`quorum.${standing}`, { discipline: name });
  const words = by && by !== discipline ? `${about}${say('between')}${say('quorum.filled', { discipline: name, other: named('disciplines', by) })}` : about;
  return h('li', { class: CHIP[standing], title: words }, h('span', { 'aria-hidden': 'true' }, name), h('span', { class: 'visually-hidden' }, words));
}

// Two things that must not be taken for each other: who is here now, and what counts for the case that is on.
export function renderQuorum(state) {
  const { core_disciplines: core, min_disciplines: least } = state.conference;
  const { quorum } = state;
  find('[data-quorum-box]').hidden = !core.length || !['scheduled', 'live'].includes(state.conference.state);
  const counted = find('[data-quorum-case]');
  counted.className = quorum ? (quorum.met ? 'is-met' : 'is-not-met') : '';
  setText(counted, quorum ? say(quorum.met ? 'quorum.met' : 'quorum.not_met', { n: quorum.present.length }) : say('quorum.need', { least }));
  setText(find('[data-quorum-now]'), say('quorum.now', { n: disciplinesHere(state.people) }));
  replaceContent(find('[data-quorum]'), standings(core, state.people, roomData().lists.fillers, quorum).map(chip));
}

function quality(line) {
  if (line.state !== LINE.LIVE) return line.state;
  if (line.delay === null || line.delay < GOOD) return 'good';
  return line.delay < FAIR ? 'fair' : 'poor';
}

export function renderLine(line, state) {
  const chipElement = find('[data-line]');
  const how = quality(line);
  chipElement.dataset.line = how;
  setText(chipElement, say(`line.${how}`));
  chipElement.title = line.delay === null ? '' : say('line.delay', { n: Math.round(line.delay) });
  const alert = find('[data-alert]');
  const standing = state && ['closed', 'cancelled'].includes(state.conference.state) ? state.conference.state : '';
  const words = line.state === LINE.DOWN ? say('alert.down') : line.state === LINE.POLLING ? say('alert.polling') : standing && say(`alert.${standing}`);
  alert.hidden = !words;
  alert.classList.toggle('is-calm', Boolean(standing) && line.state === LINE.LIVE);
  setText(alert, words || '');
}
