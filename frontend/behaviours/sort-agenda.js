// [data-agenda][data-agenda-url][data-version]: items [data-item=ID] are moved by buttons [data-move="-1" or "1"] or by dragging
// [data-handle]. Posts {order: [ID], version}; reads {ok, version, times: {ID: text}}; times fill [data-item-time].
import Sortable from 'sortablejs';
import { announce } from '../lib/announce.js';
import { messageOf, postJson } from '../lib/http.js';
import { moved } from '../lib/order.js';
import { word } from '../lib/words.js';

const itemsOf = (list) => [...list.children].filter((child) => child.dataset.item);
const orderOf = (list) => itemsOf(list).map((item) => item.dataset.item);

function arrange(list, order) {
  const byId = new Map(itemsOf(list).map((item) => [item.dataset.item, item]));
  for (const id of order) list.append(byId.get(id));
  marks(list);
}

function marks(list) {
  const items = itemsOf(list);
  items.forEach((item, index) => {
    const number = item.querySelector('[data-item-number]');
    if (number) number.textContent = index + 1;
    for (const button of item.querySelectorAll('[data-move]')) {
      button.disabled = (button.dataset.move === '-1' && index === 0) || (button.dataset.move === '1' && index === items.length - 1);
    }
  });
}

async function save(list, before) {
  const order = orderOf(list);
  if (order.join() === before.join()) return;
  marks(list);
  try {
    const { status, body } = await postJson(list.dataset.agendaUrl, { order, version: Number(list.dataset.version || 0) });
    if (status !== 200) throw new Error(messageOf(body));
    if (body.version !== undefined) list.dataset.version = body.version;
    for (const [id, text] of Object.entries(body.times || {})) {
      const item = itemsOf(list).find((one) => one.dataset.item === id);
      const slot = item && item.querySelector('[data-item-time]');
      if (slot) slot.textContent = text;
    }
  } catch (error) {
    arrange(list, before);
    announce(error.message && !(error instanceof TypeError) ? error.message : word('agenda.failed'), 'stop');
  }
}

async function step(list, event) {
  const button = event.target.closest('[data-move]');
  if (!button) return;
  event.preventDefault();
  const item = button.closest('[data-item]');
  const before = orderOf(list);
  const from = before.indexOf(item.dataset.item);
  const to = from + Number(button.dataset.move);
  arrange(list, moved(before, from, to));
  if (button.disabled) item.querySelector('[data-move]:not(:disabled)').focus();
  else button.focus();
  await save(list, before);
  announce(word('agenda.moved', { title: item.dataset.itemTitle || '', n: orderOf(list).indexOf(item.dataset.item) + 1 }));
}

function mount(list) {
  let before = [];
  list.addEventListener('click', (event) => step(list, event));
  Sortable.create(list, {
    handle: '[data-handle]',
    draggable: '[data-item]',
    animation: 120,
    onStart: () => { before = orderOf(list); },
    onEnd: () => save(list, before),
  });
  marks(list);
}

export function start(root) {
  for (const list of root.querySelectorAll('[data-agenda]')) mount(list);
}
