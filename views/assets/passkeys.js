/*
 * Makes and uses passkeys; the pages offer their other ways without it.
 *
 * - shows what needs a browser that knows passkeys
 * - signs in by the suggestions of the e-mail field, or by the button
 * - sends what the browser made as a form, so that every answer is a page
 */

const webAuthn = window.SimpleWebAuthnBrowser;
/** A challenge lives for five minutes. */
const renewMs = 4 * 60 * 1000;

async function optionsOf(form) {
  const answer = await fetch(form.dataset.options, { headers: { Accept: 'application/json' } });
  if (answer.ok) return answer.json();
  location.reload(); // the page says what is missing
  return new Promise(() => {});
}

function send(form, credential) {
  if (!form.elements.token) form.append(document.querySelector('input[name="token"]').cloneNode());
  form.elements.credential.value = JSON.stringify(credential);
  form.submit();
}

function say(form, text) {
  const place = form.querySelector('[role="alert"]');
  place.hidden = false;
  place.textContent = text;
}

function reasonOf(form, error) {
  return error.name === 'InvalidStateError' && form.dataset.known
    ? form.dataset.known
    : form.dataset.cancelled;
}

function onPress(form, ask) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true;
    try {
      send(form, await ask(await optionsOf(form)));
    } catch (error) {
      button.disabled = false;
      say(form, reasonOf(form, error));
      form.dispatchEvent(new Event('passkey-idle'));
    }
  });
}

/** Waits for a passkey to be chosen among the suggestions of the e-mail field. */
async function suggest(form) {
  try {
    const optionsJSON = await optionsOf(form);
    send(form, await webAuthn.startAuthentication({ optionsJSON, useBrowserAutofill: true }));
  } catch {
    // The button was pressed instead, or a new challenge took the place of this one.
  }
}

async function beginSignIn(form) {
  onPress(form, (optionsJSON) => webAuthn.startAuthentication({ optionsJSON }));
  const password = document.querySelector('form input[name="password"]')?.form;
  if (password && (await webAuthn.platformAuthenticatorIsAvailable())) {
    const field = document.createElement('input');
    Object.assign(field, { type: 'hidden', name: 'can_passkey', value: 'yes' });
    password.append(field);
  }
  if (!(await webAuthn.browserSupportsWebAuthnAutofill())) return;
  suggest(form);
  setInterval(() => form.querySelector('button').disabled || suggest(form), renewMs);
  form.addEventListener('passkey-idle', () => suggest(form));
}

function beginAdding(form) {
  onPress(form, (optionsJSON) => webAuthn.startRegistration({ optionsJSON }));
  document.querySelector('[data-passkey-unavailable]').hidden = true;
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!webAuthn.browserSupportsWebAuthn()) break;
  form.hidden = false;
  if (form.dataset.passkey === 'add') beginAdding(form);
  else beginSignIn(form);
}
