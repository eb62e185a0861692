// The viewer's own words, from the page (templates/components/_lightbox_words.html).
import { wordsOf } from '../lib/words.js';

export const say = wordsOf('viewer-words');
