import * as jsonForm from '../behaviours/json-form.js';
import * as sortAgenda from '../behaviours/sort-agenda.js';

for (const behaviour of [jsonForm, sortAgenda]) behaviour.start(document);
