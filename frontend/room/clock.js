// Time in the room: by the server's clock, as far as the line tells it.
export class ServerClock {
  constructor() {
    this.offset = 0;
  }

  // `now` is the server's time when our clock showed `at` (milliseconds).
  set(now, at) {
    this.offset = Date.parse(now) - at;
  }

  now() {
    return Date.now() + this.offset;
  }
}

export function usedTime(startedAt, now) {
  const seconds = Math.max(0, Math.floor((now - Date.parse(startedAt)) / 1000));
  return { minutes: Math.floor(seconds / 60), text: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}` };
}

// "14:05" on a Chinese clock, whatever the computer's own zone.
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai' });
export function timeOfDay(moment) {
  return CLOCK.format(new Date(moment));
}

const DAY = { zh: 'zh-CN', en: 'en-GB' };
export function dayAndTime(moment, language) {
  const day = new Intl.DateTimeFormat(DAY[language] || DAY.zh, { month: 'long', day: 'numeric', weekday: 'short', timeZone: 'Asia/Shanghai' });
  return `${day.format(new Date(moment))} ${timeOfDay(moment)}`;
}
