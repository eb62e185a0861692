import { start } from '../behaviours/preparation.js';

start(document);
