import '../styles/plan.css';
import { start } from '../behaviours/plan-form.js';

start(document);
document.addEventListener('content-added', (event) => start(event.target));
