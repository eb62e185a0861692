import { start as startForm } from '../behaviours/case-form.js';
import { start as startNav } from '../behaviours/section-nav.js';

startForm(document);
startNav(document);
document.addEventListener('content-added', (event) => startNav(event.target));
