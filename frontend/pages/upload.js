import '../styles/upload.css';
import { start } from '../behaviours/upload.js';

start(document);
document.addEventListener('content-added', (event) => start(event.target));
