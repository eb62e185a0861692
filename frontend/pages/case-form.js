import { start } from '../behaviours/section-nav.js';

start(document);
document.addEventListener('content-added', (event) => start(event.target));
