// What stands in the middle while no case is on: the waiting room, the time between cases, the end.
import { find, setText } from '../dom.js';
import { say } from '../words.js';

function gateOf(state) {
  const { state: standing } = state.conference;
  if (standing === 'closed' || standing === 'cancelled') return [say(`gate.${standing}`), standing === 'closed' ? say('gate.closed_text') : ''];
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
  const waiting = ['scheduled', 'live'].includes(state.conference.state);
  const names = state.people.map((one) => one.name).join(say('list.between'));
  const here = names ? say('gate.here', { n: state.people.length, names }) : say('gate.here_none');
  setText(find('[data-gate-people]'), waiting ? here : '');
}
