// The phone page's own words (templates/phone/capture.html).
import { fill } from '../lib/words.js';

let words = null;

export function say(key, values) {
  if (words === null) words = JSON.parse(document.getElementById('phone-words').textContent);
  return fill(key in words ? words[key] : key, values);
}
