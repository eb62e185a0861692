// The line to a room: joins, asks again for what was missed, notices a silent line, falls back to plain requests where no socket
// gets through. The socket only hints; the numbers of the events say whether anything is missing.
import { backoff } from '../lib/backoff.js';
import { Sequence } from './sequence.js';

const ANSWER_WITHIN = 8000;
const BEAT_EVERY = 12000;
const POLL_EVERY = 3000;
const HOLE_PATIENCE = 250;
const POLL_AFTER = 3;
const NO_SEAT = new Set(['not_found', 'forbidden', 'http_403', 'http_404']);

export const LINE = { CONNECTING: 'connecting', LIVE: 'live', POLLING: 'polling', DOWN: 'down', REMOVED: 'removed', SIGNED_OUT: 'signed-out' };

export class Connection {
  // `connect()` gives a Socket.IO socket that is not open yet; `ask(path)` answers {status, body} or throws without a line.
  // `hear` holds onSnapshot(answer), onEvents(events), onSignal(signal), onBeat(answer), onLine({state, delay}).
  constructor({ conference, connect, ask, hear }) {
    this.conference = conference;
    this.ask = ask;
    this.hear = hear;
    this.connect = connect;
    this.sequence = new Sequence();
    this.joined = false;
    this.waiting = [];
    this.failures = 0;
    this.line = { state: LINE.CONNECTING, delay: null };
    this.pulling = null;
    this.timers = {};
  }

  start() {
    this.socket = this.connect();
    this.socket.on('connect', () => this.enter());
    this.socket.on('event', (event) => this.onEvent(event));
    this.socket.on('signal', (signal) => signal.conference === this.conference && this.joined && this.hear.onSignal(signal));
    this.socket.on('signed-out', () => this.socket.disconnect().connect());
    this.socket.on('disconnect', (reason) => this.onDisconnect(reason));
    this.socket.on('connect_error', (error) => this.onRefused(error));
    this.timers.beat = setInterval(() => this.beat(), BEAT_EVERY);
    this.socket.connect();
  }

  get ended() {
    return [LINE.REMOVED, LINE.SIGNED_OUT].includes(this.line.state);
  }

  setLine(state, delay = null) {
    if (this.ended || (this.line.state === state && this.line.delay === delay)) return;
    this.line = { state, delay };
    this.hear.onLine(this.line);
    if (this.ended) this.stop();
  }

  stop() {
    clearInterval(this.timers.beat);
    clearTimeout(this.timers.poll);
    clearTimeout(this.timers.again);
    this.socket.disconnect();
  }

  // The acknowledgement; throws where the line is down or silent.
  async call(event, payload = {}) {
    if (!this.socket.connected) throw new Error('not connected');
    const answer = await this.socket.timeout(ANSWER_WITHIN).emitWithAck(event, { ...payload, conference: this.conference });
    if (!answer.ok && answer.error.code === 'http_401') this.setLine(LINE.SIGNED_OUT);
    return answer;
  }

  signal(kind, data) {
    if (this.socket.connected && this.joined) this.socket.volatile.emit('signal', { conference: this.conference, kind, data });
  }

  async enter() {
    this.failures = 0;
    clearTimeout(this.timers.poll);
    this.timers.poll = null;
    try {
      const entered = this.joined ? await this.pull() : await this.read();
      if (!entered) return;
      this.setLine(LINE.LIVE);
      await this.beat();
    } catch {
      this.again();
    }
  }

  again() {
    clearTimeout(this.timers.again);
    this.tries = (this.tries || 0) + 1;
    this.timers.again = setTimeout(() => this.socket.connected && this.enter(), backoff(Math.min(this.tries, 4)));
  }

  // The whole room anew. Answers whether there is a seat.
  async read() {
    const answer = await this.call('join');
    return this.begin(answer);
  }

  begin(answer) {
    if (!answer.ok) return this.lost(answer);
    this.tries = 0;
    this.sequence.reset(answer.seq);
    this.joined = true;
    this.hear.onSnapshot(answer);
    this.deliver(this.waiting.splice(0));
    return true;
  }

  lost(answer) {
    if (NO_SEAT.has(answer.error.code)) this.setLine(LINE.REMOVED);
    else if (!this.ended) this.again();
    return false;
  }

  // Everything since the last number seen; two at once would only ask the same.
  pull() {
    if (!this.pulling) {
      this.pulling = this.pullAll((since) => this.call('join', { since })).finally(() => {
        this.pulling = null;
      });
    }
    return this.pulling;
  }

  async pullAll(read) {
    for (;;) {
      const since = this.sequence.last;
      const answer = await read(since);
      if (!answer.ok) return this.lost(answer);
      this.tries = 0;
      // The server never gave this number: it was set back. Only the whole room helps.
      if (answer.seq < since && !answer.events.length) {
        this.joined = false;
        return this.socket.connected ? this.read() : true;
      }
      this.deliver(answer.events);
      if (!answer.more) return true;
    }
  }

  reload() {
    if (this.line.state === LINE.POLLING) this.joined = false;
    else if (this.socket.connected) this.read().catch(() => this.again());
  }

  onEvent(event) {
    if (event.conference !== this.conference) return;
    if (!this.joined) this.waiting.push(event);
    else this.deliver([event]);
  }

  deliver(events) {
    const due = this.sequence.take(events);
    if (due.length) this.hear.onEvents(due);
    if (this.sequence.hole && !this.timers.hole) {
      this.timers.hole = setTimeout(() => {
        this.timers.hole = null;
        if (this.sequence.hole && this.socket.connected) this.pull().catch(() => this.again());
      }, HOLE_PATIENCE);
    }
  }

  // A light check now and then: is the newest number ours, who is here, is the seat the same.
  async beat() {
    if (!this.socket.connected || !this.joined) return;
    const begun = Date.now();
    let answer;
    try {
      answer = await this.call('beat');
    } catch {
      // Open but silent: a new line is found sooner than this one is given up.
      if (this.socket.connected) this.socket.io.engine.close();
      return;
    }
    if (!answer.ok) {
      this.lost(answer);
      return;
    }
    const delay = Date.now() - begun;
    this.setLine(LINE.LIVE, delay);
    this.hear.onBeat({ ...answer, at: begun + delay / 2 });
    if (answer.changed) this.reload();
    else if (answer.seq > this.sequence.last) this.pull().catch(() => this.again());
  }

  onDisconnect(reason) {
    if (this.ended) return;
    this.setLine(LINE.DOWN);
    // The server closed it: the seat has changed or the session has ended, and a new try tells which.
    if (reason === 'io server disconnect') setTimeout(() => !this.ended && this.socket.connect(), backoff(0, { first: 600 }));
  }

  onRefused(error) {
    if (error.message === 'http_401') {
      this.setLine(LINE.SIGNED_OUT);
      return;
    }
    if (!this.socket.active) setTimeout(() => !this.ended && this.socket.connect(), backoff(2));
    this.failures += 1;
    if (this.line.state !== LINE.POLLING) this.setLine(LINE.DOWN);
    // Who sees nothing yet does not wait for further tries.
    if (this.failures >= (this.joined ? POLL_AFTER : 1) && !this.timers.poll) this.poll();
  }

  // No socket gets through: the same events by plain requests.
  async poll() {
    this.timers.poll = setTimeout(() => this.poll(), POLL_EVERY);
    try {
      const read = async (path) => {
        const { status, body } = await this.ask(path);
        if (status === 200) return { ok: true, ...body };
        return { ok: false, error: { code: `http_${status}` } };
      };
      const base = `/conferences/${this.conference}`;
      const fine = this.joined
        ? await this.pullAll((since) => read(`${base}/events.json?since=${since}`))
        : this.begin(await read(`${base}/room.json`));
      if (fine && !this.socket.connected && this.timers.poll) this.setLine(LINE.POLLING);
    } catch {
      if (!this.socket.connected) this.setLine(LINE.DOWN);
    }
  }
}
