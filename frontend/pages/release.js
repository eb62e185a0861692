import '../styles/viewer.css';
import { start } from '../behaviours/series-viewer.js';

start(document);
