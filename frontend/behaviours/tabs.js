// [data-tabs]: links to parts of the same page become tabs; without script they stay links to parts that are all visible.
function panelOf(tab) {
  return document.getElementById(tab.getAttribute('href').slice(1));
}

function choose(tabs, chosen, remember) {
  for (const tab of tabs) {
    const isChosen = tab === chosen;
    tab.setAttribute('aria-selected', String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    panelOf(tab).hidden = !isChosen;
  }
  if (remember) window.history.replaceState(null, '', chosen.getAttribute('href'));
}

function move(tabs, event) {
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  const here = tabs.indexOf(document.activeElement);
  if (here < 0) return;
  let next = null;
  if (event.key in steps) next = tabs[(here + steps[event.key] + tabs.length) % tabs.length];
  if (event.key === 'Home') [next] = tabs;
  if (event.key === 'End') next = tabs[tabs.length - 1];
  if (!next) return;
  event.preventDefault();
  next.focus();
  choose(tabs, next, true);
}

function mount(list) {
  const tabs = [...list.querySelectorAll('a[href^="#"]')].filter(panelOf);
  if (!tabs.length) return;
  list.setAttribute('role', 'tablist');
  for (const item of list.querySelectorAll('li')) item.setAttribute('role', 'presentation');
  for (const tab of tabs) {
    const panel = panelOf(tab);
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', panel.id);
    panel.setAttribute('role', 'tabpanel');
    tab.addEventListener('click', (event) => {
      event.preventDefault();
      choose(tabs, tab, true);
    });
  }
  list.addEventListener('keydown', (event) => move(tabs, event));
  choose(tabs, tabs.find((tab) => tab.getAttribute('href') === window.location.hash) || tabs[0], false);
}

export function start(root) {
  for (const list of root.querySelectorAll('[data-tabs]')) if (list.getAttribute('role') !== 'tablist') mount(list);
}
