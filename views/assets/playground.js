/*
 * Comfort for the playground: a role changes in place, and the same token's answers beside it. Everything
 * works without it.
 */

const main = document.querySelector('main');

/* The page as it is after the change, put where the page is; what has the focus says what happened. */
async function sendInPlace(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  const response = await fetch(form.getAttribute('action'), { method: 'POST', body });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const next = page.querySelector('main');
  if (!response.ok || next === null || page.querySelector('#roles') === null) throw new Error();
  const at = window.scrollY;
  for (const script of next.querySelectorAll('script')) script.remove();
  main.replaceChildren(...next.childNodes);
  history.replaceState(null, '', response.url);
  window.scrollTo(0, at);
  const said = main.querySelector('[role="status"]');
  said?.setAttribute('tabindex', '-1');
  said?.focus({ preventScroll: true });
}

main.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.getAttribute('action') !== '/demo/role') return; // a button is named action, too
  event.preventDefault();
  const button = event.submitter;
  sendInPlace(form, button).catch(() => {
    // As it would have gone without the script.
    const field = Object.assign(document.createElement('input'), {
      type: 'hidden',
      name: button.name,
      value: button.value,
    });
    form.append(field);
    form.submit();
  });
});
