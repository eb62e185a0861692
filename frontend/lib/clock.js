// Time that is left, by the clock of this machine's uptime: what the wall clock says may be wrong.
export class Countdown {
  constructor(seconds, now = () => performance.now()) {
    this.now = now;
    this.set(seconds);
  }

  set(seconds) {
    this.end = this.now() + seconds * 1000;
  }

  get seconds() {
    return Math.max(0, Math.ceil((this.end - this.now()) / 1000));
  }

  get over() {
    return this.seconds === 0;
  }

  // 9:05
  toString() {
    const { seconds } = this;
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }
}
