// Speed over the last seconds, from readings of the amount sent so far.
export class Rate {
  constructor(windowMs = 8000) {
    this.windowMs = windowMs;
    this.readings = [];
  }

  read(now, amount) {
    this.readings.push([now, amount]);
    while (this.readings.length > 2 && now - this.readings[0][0] > this.windowMs) this.readings.shift();
  }

  reset() {
    this.readings = [];
  }

  // Bytes a second, or null as long as nothing can be said.
  get perSecond() {
    if (this.readings.length < 2) return null;
    const [firstTime, firstAmount] = this.readings[0];
    const [lastTime, lastAmount] = this.readings[this.readings.length - 1];
    if (lastTime - firstTime < 500 || lastAmount <= firstAmount) return null;
    return ((lastAmount - firstAmount) * 1000) / (lastTime - firstTime);
  }
}
