import '../styles/regions.css';
import { start } from '../behaviours/regions.js';

start(document);
