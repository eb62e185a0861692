// The room's own words and code lists, from the page (templates/live/_words.html).
import { fill } from '../lib/words.js';

let data = null;

export function roomData() {
  if (data === null) data = JSON.parse(document.getElementById('room-data').textContent);
  return data;
}

export function say(key, values) {
  const { words } = roomData();
  return fill(key in words ? words[key] : key, values);
}

export function named(list, code) {
  return roomData().lists[list][code] || code;
}

// A name that stands in both languages, in the reader's.
export function inLanguage(thing, name) {
  return (roomData().language === 'en' && thing[`${name}_en`]) || thing[name] || thing[`${name}_zh`] || '';
}

export function roleName(role) {
  return role === 'presenter' ? say('role.presenter') : named('roles', role);
}
