// Every page: the looks and the behaviours that any page may ask for by a data attribute.
import 'bootstrap/dist/css/bootstrap.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/forms.css';
import './styles/tables.css';
import './styles/case.css';
import './styles/desk.css';
import './styles/files.css';
import './styles/report.css';
import './styles/print.css';
import * as autosave from './behaviours/autosave.js';
import * as autosize from './behaviours/autosize.js';
import * as choice from './behaviours/choice.js';
import * as confirm from './behaviours/confirm.js';
import * as copy from './behaviours/copy.js';
import * as counter from './behaviours/counter.js';
import * as dialog from './behaviours/dialog.js';
import * as flash from './behaviours/flash.js';
import * as menu from './behaviours/menu.js';
import * as progress from './behaviours/progress.js';
import * as rowLink from './behaviours/row-link.js';
import * as savedFirst from './behaviours/saved-first.js';
import * as shortcuts from './behaviours/shortcuts.js';
import * as signOut from './behaviours/sign-out.js';
import * as submitOnChange from './behaviours/submit-on-change.js';
import * as tabs from './behaviours/tabs.js';
import * as unmask from './behaviours/unmask.js';

const behaviours = [confirm, autosave, autosize, choice, copy, counter, dialog, flash, menu, progress, rowLink, savedFirst, shortcuts, signOut, submitOnChange, tabs, unmask];

function startAll(root) {
  for (const behaviour of behaviours) behaviour.start(root);
}

startAll(document);
document.addEventListener('content-added', (event) => startAll(event.target));
