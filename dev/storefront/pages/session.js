import { request } from './api.js';
import { announce, byId, make, notice } from './dom.js';

/** @typedef {{id: string, name: string}} Buyer */

/** @type {Buyer | null} */
let current = null;

export function currentBuyer() {
  return current;
}

/**
 * Shows who is signed in and lets anybody be another buyer with one click. `changed` is called after that.
 *
 * @param {() => void} changed
 */
export async function startSession(changed) {
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === location.pathname) link.setAttribute('aria-current', 'page');
  }
  const { body } = await request('GET', '/api/users/currentuser');
  current = body.currentUser;
  const buttons = body.buyers.map((/** @type {Buyer} */ buyer) => {
    const button = make('button', { type: 'button', 'data-buyer': buyer.id }, buyer.name);
    button.addEventListener('click', () => signIn(buyer).then(changed, notice));
    return button;
  });
  byId('buyers').replaceChildren(...buttons);
  mark();
}

/** @param {Buyer} buyer */
async function signIn(buyer) {
  const { body } = await request('POST', `/api/users/signin/${buyer.id}`);
  current = body.currentUser;
  mark();
  announce(`You are signed in as ${buyer.name}`);
}

function mark() {
  byId('buyers-label').textContent = current ? 'Signed in as' : 'Sign in as';
  byId('buyers').classList.toggle('unchosen', !current);
  for (const button of byId('buyers').children) {
    button.setAttribute('aria-pressed', String(button.getAttribute('data-buyer') === current?.id));
  }
}
