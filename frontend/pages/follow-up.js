import '../styles/plan.css';
import { start } from '../behaviours/show-for.js';

start(document);
