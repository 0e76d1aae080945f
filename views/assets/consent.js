/*
 * Comfort for the consent page; everything works without it.
 *
 * - keeps the list of what is picked up to date
 * - offers to tick all permissions of a resource, or none
 * - leaves the permissions of resources that are not picked out of what is sent
 */

const form = document.querySelector('form[data-consent]');
const picks = () => [...form.querySelectorAll('input[name="pick"]')];
const scopesOf = (pick) => [...form.querySelectorAll(`input[name="scope:${pick.value}"]`)];

function showPicked() {
  const picked = picks().filter((pick) => pick.checked);
  const list = form.querySelector('[data-picked]');
  if (list) list.textContent = picked.map((pick) => pick.dataset.path).join(', ') || 'nothing yet';
}

function addTickAll(pick) {
  const scopes = scopesOf(pick).filter((scope) => !scope.disabled);
  if (scopes.length < 2) return;
  const row = document.createElement('div');
  row.className = 'permissions-all';
  for (const [label, isTicked] of [['Tick all', true], ['Tick none', false]]) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'link-button';
    button.textContent = label;
    button.setAttribute('aria-label', `${label} on ${pick.dataset.path}`);
    button.addEventListener('click', () => {
      for (const scope of scopes) scope.checked = isTicked;
    });
    row.append(button);
  }
  scopes[0].closest('ul').before(row);
}

let leftOut = [];

function leaveOutUnpicked() {
  leftOut = picks()
    .filter((pick) => !pick.checked)
    .flatMap(scopesOf)
    .filter((scope) => !scope.disabled);
  for (const scope of leftOut) scope.disabled = true;
}

/* Back to this page by the browser's button: everything can be ticked again. */
function bringBack() {
  for (const scope of leftOut) scope.disabled = false;
  leftOut = [];
  showPicked();
}

for (const pick of picks()) addTickAll(pick);
form.querySelector('[data-picked-line]')?.removeAttribute('hidden');
form.querySelector('[data-picked]')?.setAttribute('aria-live', 'polite');
form.addEventListener('change', showPicked);
form.addEventListener('submit', leaveOutUnpicked);
window.addEventListener('pageshow', bringBack);
