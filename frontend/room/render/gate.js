// What stands in the middle while no case is on: the waiting room, the time between cases, the end.
import { find, h, replaceContent, setText } from '../dom.js';
import { say } from '../words.js';
import { shortName } from './case.js';

function discussed(state) {
  return state.items.filter((one) => !one.hidden && ['concluded', 'deferred'].includes(one.state));
}

// What comes after the end: the opinions on what was discussed.
function opinions(state) {
  if (state.conference.state !== 'closed') return [];
  return discussed(state).map((item) => h('a', { class: 'btn btn-primary', 'data-key': `opinion-${item.id}`, href: `/cases/${item.case.id}/plan` }, say('gate.opinion', { name: shortName(item.case) })));
}

function gateOf(state) {
  const { state: standing } = state.conference;
  if (standing === 'closed' || standing === 'cancelled') return [say(`gate.${standing}`), standing === 'closed' ? say(discussed(state).length ? 'gate.closed_text' : 'gate.closed_none') : ''];
  const kind = standing === 'scheduled' ? 'scheduled' : 'idle';
  return [say(`gate.${kind}`), say(state.me.can.lead ? `gate.${kind}_lead` : `gate.${kind}_text`)];
}

export function renderGate(state) {
  const gate = find('[data-gate]');
  const on = state.current !== null && state.conference.state === 'live';
  gate.hidden = on;
  find('[data-stage]').hidden = !on;
  if (on) return;
  const [title, text] = gateOf(state);
  setText(find('[data-gate-title]'), title);
  setText(find('[data-gate-text]'), text);
  replaceContent(find('[data-gate-next]'), opinions(state));
  const waiting = ['scheduled', 'live'].includes(state.conference.state);
  const names = state.people.map((one) => one.name).join(say('list.between'));
  const here = names ? say('gate.here', { n: state.people.length, names }) : say('gate.here_none');
  setText(find('[data-gate-people]'), waiting ? here : '');
}
