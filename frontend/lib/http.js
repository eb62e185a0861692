// Requests to our own server: JSON both ways, with the CSRF token of the page.
export function csrfToken() {
  const meta = document.querySelector('meta[name="csrf-token"]');
  return meta ? meta.content : '';
}

async function readJson(response) {
  const type = response.headers.get('content-type') || '';
  return type.includes('json') ? response.json() : {};
}

// Who signed in again in another window has another token: it comes with the refusal, for the person whose page this is.
function takeToken(body) {
  const meta = document.querySelector('meta[name="csrf-token"]');
  if (!meta || !body.error || !body.error.csrf_token || String(body.error.user) !== meta.dataset.user) return false;
  meta.content = body.error.csrf_token;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = meta.content;
  return true;
}

// Asks, and once more with the new token where the same person signed in again; 401 where somebody else is signed in.
export async function withToken(ask) {
  const answer = await ask();
  const refused = answer.status === 400 && answer.body.error && answer.body.error.code === 'csrf';
  if (!refused) return answer;
  return takeToken(answer.body) ? ask() : { status: 401, body: {} };
}

// Answers {status, body}; throws only where the line is down. A redirect means the session is over, and so does a token that no
// longer fits while somebody else is signed in.
export function postJson(url, data, options = {}) {
  return withToken(() => post(url, data, options));
}

async function post(url, data, { headers = {}, ...options }) {
  const response = await fetch(url, {
    method: 'POST',
    credentials: 'same-origin',
    redirect: 'manual',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': csrfToken(), ...headers },
    body: JSON.stringify(data),
    ...options,
  });
  if (response.type === 'opaqueredirect') return { status: 401, body: {} };
  return { status: response.status, body: await readJson(response) };
}

// The server's own sentence in an answer of any of its shapes.
export function messageOf(body) {
  if (!body || typeof body !== 'object') return '';
  if (body.message) return body.message;
  return body.error && body.error.message ? body.error.message : '';
}
