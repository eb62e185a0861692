import '../styles/upload.css';
import { start as startPhone } from '../behaviours/phone-panel.js';
import { start } from '../behaviours/upload.js';

function startAll(root) {
  start(root);
  startPhone(root);
}

startAll(document);
document.addEventListener('content-added', (event) => startAll(event.target));
