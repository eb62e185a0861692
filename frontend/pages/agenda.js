import { start } from '../behaviours/sort-agenda.js';

start(document);
document.addEventListener('content-added', (event) => start(event.target));
