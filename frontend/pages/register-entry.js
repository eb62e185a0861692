import { start } from '../behaviours/entry-form.js';

start(document);
