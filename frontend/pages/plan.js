import '../styles/plan.css';
import * as form from '../behaviours/plan-form.js';
import * as parts from '../behaviours/show-for.js';

for (const behaviour of [form, parts]) behaviour.start(document);
document.addEventListener('content-added', (event) => form.start(event.target));
