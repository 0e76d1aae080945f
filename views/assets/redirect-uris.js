/*
 * Says while one types why a redirect URI would be refused; sending the form says the same.
 *
 * Of two answers only that to the latest question is shown.
 */

const form = document.querySelector('form.own-app');
const said = form.querySelector('[data-check]');
const field = form.elements.redirect_uris;
const pauseMs = 500;

let timer;
let running;

/* Asks the server once the person pauses; a newer question ends an older one. */
function ask() {
  clearTimeout(timer);
  running?.abort();
  const { signal } = (running = new AbortController());
  timer = setTimeout(async () => {
    const sent = [...new FormData(form)];
    const body = new URLSearchParams(
      sent.filter(([name]) => /^(token|id|kind|redirect_uris)$/.test(name)),
    );
    try {
      const response = await fetch(said.dataset.check, { method: 'POST', body, signal });
      // Somebody signed out, or may not any more: sending the form says so, in a whole page.
      const html = response.ok && !response.redirected ? await response.text() : '';
      if (!signal.aborted) show(html.trim());
    } catch {
      /* No answer: sending the form checks it. */
    }
  }, pauseMs);
}

function show(html) {
  form.querySelector('#redirect_uris-error')?.remove();
  if (said.innerHTML !== html) said.innerHTML = html;
  if (said.querySelector('.field-error')) field.setAttribute('aria-invalid', 'true');
  else field.removeAttribute('aria-invalid');
}

form.addEventListener('input', ({ target }) => {
  if (target === field || (target.name === 'kind' && field.value.trim() !== '')) ask();
});
