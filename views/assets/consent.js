/*
 * Comfort for the consent page; everything works without it.
 *
 * - says what the choice would allow, while one chooses
 * - finds resources while one types; the rest of the page stays as it is
 * - ticks permissions in place, and opens their groups
 *
 * Of two answers only that to the latest question is shown.
 */

const form = document.querySelector('form[data-consent]');
const summary = form.querySelector('[data-summary]');
const results = form.querySelector('[data-results]');
const announced = form.querySelector('[data-announced]');
const picked = form.querySelector('[data-picked]');
const search = form.querySelector('#search');

/* Asks the server once the person pauses; a newer question ends an older one. */
function asker(address, pauseMs, fieldsOf, show) {
  let timer;
  let running;
  return (changes = {}, wait = pauseMs) => {
    clearTimeout(timer);
    running?.abort();
    const mine = new AbortController();
    running = mine;
    return new Promise((resolve) => {
      timer = setTimeout(async () => {
        try {
          const body = new URLSearchParams(fieldsOf());
          for (const [name, value] of Object.entries(changes)) body.set(name, value);
          const response = await fetch(address, { method: 'POST', body, signal: mine.signal });
          // Somebody signed out, or the request is over: the whole page says so.
          if (response.redirected || response.status === 403 || response.status === 404) {
            return form.requestSubmit(form.querySelector('button[hidden]'));
          }
          // 409 and 422 come with the reason why submitting this would be refused.
          const isTold = response.ok || response.status === 409 || response.status === 422;
          if (isTold && !mine.signal.aborted) show(await response.text());
        } catch {
          /* No answer: the buttons still work. */
        }
        resolve();
      }, wait);
    });
  };
}

const ask = asker(
  form.dataset.preview,
  250,
  () => new FormData(form),
  (html) => {
    summary.innerHTML = html;
  },
);

const find = asker(
  form.dataset.search,
  200,
  () => [...new FormData(form)].filter(([name]) => /^(token|pick|shown|search)$/.test(name)),
  (html) => {
    keepPicked();
    results.innerHTML = html;
    announced.textContent = results.querySelector('[data-words]')?.dataset.words ?? '';
  },
);

/* What is ticked among the results goes to the choice before other results come. */
function keepPicked() {
  for (const row of results.querySelectorAll('.resource')) {
    if (!row.querySelector('input[name="pick"]')?.checked) continue;
    picked.append(row);
  }
}

async function findNow(changes) {
  await find(changes, 0);
  results.querySelector('#results')?.focus();
}

function tick(preset) {
  for (const box of form.querySelectorAll('input[name="scope"]:not(:disabled)')) {
    box.checked = preset === 'all' || box.dataset.effect === 'see';
  }
}

form.addEventListener('change', (event) => {
  if (event.target !== search) ask();
});

search?.addEventListener('input', () => find());

form.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button === null) return;
  const { preset } = button.dataset;
  if (preset === 'choose') {
    event.preventDefault();
    for (const group of form.querySelectorAll('.scope-group')) group.open = true;
    form.querySelector('.scope-group summary')?.focus();
  } else if (preset) {
    event.preventDefault();
    tick(preset);
    ask({}, 0);
  } else if (button.name === 'within') {
    event.preventDefault();
    search.value = `${button.value}/`;
    findNow({ search: search.value });
  } else if (button.name === 'page') {
    event.preventDefault();
    findNow({ page: button.value });
  } else if (button.value === 'search' && !button.hidden) {
    event.preventDefault();
    findNow({});
  }
});

/* Enter in the search looks for resources; nowhere else does it do anything. */
search?.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  findNow({});
});

form.querySelector('[data-update]')?.remove();

/* Back to this page by the browser's button: what is ticked may differ from what is said. */
window.addEventListener('pageshow', (event) => {
  if (event.persisted) ask({}, 0);
});
