// Applies recorded events to a recorded snapshot with the room's own reducer and prints the outcome; see test_browser_state.py.
import { readFileSync } from 'node:fs';
import { apply, fromSnapshot, HANDLERS } from '../../frontend/room/state.js';

const asked = JSON.parse(readFileSync(0, 'utf8'));
const states = asked.map(({ before, events }) => events.reduce(apply, fromSnapshot(before)));
process.stdout.write(JSON.stringify({ handlers: Object.keys(HANDLERS).sort(), states }));
