// Requests to our own server: JSON both ways, with the CSRF token of the page.
export function csrfToken() {
  const meta = document.querySelector('meta[name="csrf-token"]');
  return meta ? meta.content : '';
}

async function readJson(response) {
  const type = response.headers.get('content-type') || '';
  return type.includes('json') ? response.json() : {};
}

// Answers {status, body}; throws only where the line is down. A redirect means the session is over.
export async function postJson(url, data, options = {}) {
  const response = await fetch(url, {
    method: 'POST',
    credentials: 'same-origin',
    redirect: 'manual',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': csrfToken() },
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
