// Leads to signing in again without leaving the page and what stands on it.
import { word } from './words.js';

export function signInLink() {
  const link = document.createElement('a');
  Object.assign(link, { href: '/sign-in', target: '_blank', rel: 'noopener', textContent: word('autosave.signin') });
  return link;
}
