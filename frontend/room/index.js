// The live room: puts the line, the state and what is drawn from it together.
import { io } from 'socket.io-client';
import '../styles/viewer.css';
import '../styles/room.css';
import { announce } from '../lib/announce.js';
import { Chair } from './chair.js';
import { ServerClock } from './clock.js';
import { Connection, LINE } from './connection.js';
import { find, setText } from './dom.js';
import { Outbox } from './outbox.js';
import { Plan } from './plan.js';
import { renderAgenda } from './render/agenda.js';
import { renderClock, renderLine, renderQuorum, renderTitle } from './render/bar.js';
import { caseTitle, placeAndName } from './render/case.js';
import { renderGate } from './render/gate.js';
import { Messages, renderUnsent } from './render/messages.js';
import { renderHand, renderPeople } from './render/people.js';
import { renderSummary } from './render/summary.js';
import { KeyImages } from '../viewer/key-images.js';
import { say as viewerSay } from '../viewer/words.js';
import { Stage } from './stage.js';
import { apply, applySignal, asksForCheck, bringsDiscipline, currentItem, fromSnapshot, saidAbout, withPeople, withStanding } from './state.js';
import { Tabs } from './tabs.js';
import { throttle } from './throttle.js';
import { roomData, say } from './words.js';

const FLUSH_AGAIN = 2000;
const CHECK_EVERY = 2000;

async function ask(path) {
  const response = await fetch(path, { credentials: 'same-origin', redirect: 'manual', headers: { Accept: 'application/json' } });
  if (response.type === 'opaqueredirect') return { status: 401, body: {} };
  const type = response.headers.get('content-type') || '';
  return { status: response.status, body: type.includes('json') ? await response.json() : {} };
}

class Room {
  constructor() {
    const { conference, user } = roomData();
    this.state = null;
    this.line = { state: LINE.CONNECTING, delay: null };
    this.clock = new ServerClock();
    this.unread = 0;
    this.connection = new Connection({
      conference,
      ask,
      // Where web sockets do not get through, long requests may; where these do not either, the connection asks by itself.
      connect: () => io('/live', { autoConnect: false, transports: ['websocket', 'polling'], tryAllTransports: true, timeout: 8000, reconnectionDelay: 500, reconnectionDelayMax: 4000 }),
      hear: {
        onSnapshot: (answer) => this.onSnapshot(answer),
        onEvents: (events) => this.onEvents(events),
        onSignal: (signal) => this.onSignal(signal),
        onBeat: (answer) => this.onBeat(answer),
        onLine: (line) => this.onLine(line),
      },
    });
    const call = (event, payload) => this.connection.call(event, payload);
    const signal = (kind, data) => this.connection.signal(kind, data);
    this.check = throttle(() => this.connection.beat(), CHECK_EVERY);
    this.chair = new Chair(call, this.check);
    this.stage = new Stage({
      ask, signal, show: (picture) => this.chair.act('show', picture), keep: (data) => this.draw(applySignal(this.state, { kind: 'viewport', data })),
    });
    this.keyImages = new KeyImages({
      box: find('[data-pictured]'), button: find('[data-key-image]'), ask, say: viewerSay, show: (state) => this.stage.look(state), capture: () => this.stage.lightbox.capture(),
    });
    this.plan = new Plan({ call, signal, storage: window.sessionStorage, name: `mdt-plan-${conference}-${user}` });
    this.messages = new Messages();
    this.tabs = new Tabs((name) => this.onTab(name));
    this.outbox = new Outbox(window.sessionStorage, `mdt-room-${conference}-${user}`, () => this.drawUnsent());
    this.actions = {
      takeUp: (item) => this.chair.takeUp(item),
      leave: () => this.chair.ask(null),
      present: (person) => this.chair.act('present', { user: person }),
      retry: (key) => {
        this.outbox.retry(key);
        this.flush();
      },
      drop: (key) => this.outbox.remove(key),
    };
    this.listen();
  }

  start() {
    renderLine(this.line, null);
    this.drawUnsent();
    window.setInterval(() => this.tick(), 1000);
    this.connection.start();
  }

  listen() {
    find('[data-say]').addEventListener('submit', (event) => this.onSay(event));
    find('[data-hand]').addEventListener('click', (event) => {
      const up = event.currentTarget.getAttribute('aria-pressed') !== 'true';
      this.chair.act('hand', { up });
    });
  }

  tick() {
    if (this.state) renderClock(this.state, this.clock.now());
    if (this.outbox.entries.length) this.drawUnsent();
  }

  onSay(event) {
    event.preventDefault();
    const field = event.target.elements.text;
    const text = field.value.trim();
    if (!text || !this.state) return;
    // The case is named now: sent later, it must not go to the case that is on by then.
    const about = saidAbout(this.state);
    this.outbox.add('say', { text, item: about ? about.id : null });
    field.value = '';
    this.messages.toEnd();
    this.flush();
  }

  async flush() {
    clearTimeout(this.again);
    const done = await this.outbox.flush((name, payload) => this.connection.call(name, payload));
    if (!done && this.outbox.entries.some((one) => !one.refused) && !this.connection.ended) this.again = setTimeout(() => this.flush(), FLUSH_AGAIN);
  }

  drawUnsent() {
    renderUnsent(this.outbox ? this.outbox.entries : [], this.line.state === LINE.LIVE, this.actions);
  }

  onSnapshot(answer) {
    this.draw(fromSnapshot(answer));
    this.flush();
  }

  onEvents(events) {
    const before = this.state;
    const next = events.reduce(apply, before);
    for (const event of events) this.plan.onEvent(event);
    this.draw(next);
    this.tell(before, events);
    if (asksForCheck(before, next, events)) this.check();
    if (next.stale) {
      this.state = { ...next, stale: false };
      this.connection.reload();
    }
  }

  onSignal(signal) {
    this.stage.onSignal(signal);
    this.plan.onSignal(signal);
    if (bringsDiscipline(this.state, signal)) this.check();
    this.draw(applySignal(this.state, signal));
  }

  onBeat(answer) {
    this.clock.set(answer.now, answer.at);
    this.draw(withStanding(withPeople(this.state, answer.people), answer));
  }

  onLine(line) {
    const came = line.state === LINE.LIVE && this.line.state !== LINE.LIVE;
    this.line = line;
    renderLine(line, this.state);
    this.drawUnsent();
    if (came) {
      this.flush();
      this.plan.lineIsUp();
    }
    if (line.state === LINE.SIGNED_OUT || line.state === LINE.REMOVED) this.end(line.state);
  }

  end(why) {
    this.outbox.clear();
    this.plan.forgetAll();
    this.state = null;
    const dialog = find('[data-ended]');
    const signedOut = why === LINE.SIGNED_OUT;
    const name = signedOut ? 'signed_out' : 'removed';
    setText(dialog.querySelector('h2'), say(`ended.${name}`));
    setText(dialog.querySelector('p'), say(`ended.${name}_text`));
    const link = dialog.querySelector('a');
    link.href = signedOut ? `/sign-in?next=${encodeURIComponent(window.location.pathname)}` : '/';
    setText(link, say(signedOut ? 'ended.sign_in' : 'ended.worklist'));
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    for (const other of document.querySelectorAll('dialog[open]')) other.close();
    // What was on the screen is not for whoever comes next.
    find('[data-room]').replaceChildren();
    dialog.showModal();
  }

  onTab(name) {
    if (name !== 'discussion') return;
    this.unread = 0;
    find('[data-unread]').hidden = true;
    this.messages.toEnd();
  }

  tell(before, events) {
    const theirs = events.filter((one) => one.actor && one.actor.id !== this.state.me.user);
    const said = theirs.filter((one) => one.kind === 'message').length;
    if (said && !this.tabs.sees('discussion')) {
      this.unread += said;
      find('[data-unread]').hidden = false;
      setText(find('[data-unread]'), String(this.unread));
    }
    const item = currentItem(this.state);
    if (item && this.state.current !== before.current) announce(say('announce.advance', { title: caseTitle(item) }));
    else if (theirs.some((one) => one.kind === 'present') && this.state.presenter) announce(say('announce.presenter', { name: this.state.presenter_name }));
  }

  draw(next) {
    const before = this.state;
    if (next === before) return;
    this.state = next;
    const changed = (...names) => !before || names.some((name) => before[name] !== next[name]);
    this.chair.render(next);
    if (changed('conference', 'current', 'items', 'elsewhere', 'unconfirmed')) {
      renderTitle(next);
      renderAgenda(next, this.actions);
      renderSummary(next);
      renderLine(this.line, next);
      this.drawFoot(next);
    }
    if (changed('conference', 'current', 'people', 'items')) renderGate(next);
    if (changed('conference', 'people', 'quorum')) renderQuorum(next);
    if (changed('people', 'hands', 'presenter', 'current', 'conference')) renderPeople(next, this.actions);
    if (changed('hands', 'conference')) renderHand(next);
    if (changed('messages', 'items', 'conference', 'current')) this.messages.render(next);
    if (changed('plans', 'votes', 'current', 'items', 'conference')) this.plan.render(next);
    else this.plan.state = next;
    this.stage.render(next);
    const item = currentItem(next);
    this.keyImages.setCase(item ? item.case.id : null, item ? `${next.pictured[item.id] || 0} ${next.unconfirmed.includes(item.id)}` : '');
    renderClock(next, this.clock.now());
  }

  drawFoot(state) {
    const open = ['scheduled', 'live'].includes(state.conference.state);
    find('[data-say]').hidden = !state.me.can.speak || !open;
    const about = saidAbout(state);
    const where = about === undefined ? 'wait' : about === null ? 'general' : about.id === state.current ? 'current' : 'own';
    find('#say-text').placeholder = say(`say.${where}`, { name: about ? placeAndName(about) : '' });
    const media = find('[data-media]');
    media.hidden = !/^https?:\/\//.test(state.conference.media_link) || !open;
    if (!media.hidden) media.href = state.conference.media_link;
  }
}

new Room().start();
