// Asks for the page again when something has moved, and puts the parts in place that say they are alive. All that is shown is made by the service;
// without this file one presses "refresh".
const marked = '[data-live]';
let busy = false;
let again = false;

const state = (element) => element.matches('details') && element.open;
const isEdited = (part) => part.contains(document.activeElement) && document.activeElement.matches('input, textarea, select');

function put(old, fresh) {
  if (isEdited(old) || old.innerHTML === fresh.innerHTML) {
    return;
  }

  const focus = old.contains(document.activeElement) ? document.activeElement.id : '';
  const open = [...old.querySelectorAll('details[id]')].filter(state).map((details) => details.id);
  old.innerHTML = fresh.innerHTML;
  open.forEach((id) => document.getElementById(id)?.setAttribute('open', ''));
  if (focus) {
    document.getElementById(focus)?.focus();
  }
}

async function refresh() {
  if (busy || document.hidden) {
    again = true;
    return;
  }

  busy = true;
  again = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (answer.redirected) {
      location.reload();
      return;
    }

    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      for (const old of document.querySelectorAll(marked)) {
        const fresh = page.getElementById(old.id);
        if (fresh) {
          put(old, fresh);
        }
      }

      document.title = page.title;
    }
  } catch {
    // The service is away: the stream connects again when it is back, and says so.
  } finally {
    busy = false;
    if (again && !document.hidden) {
      setTimeout(refresh, 500);
    }
  }
}

function follow() {
  const stream = new EventSource('/console/live');
  stream.addEventListener('changed', refresh);
  stream.addEventListener('error', () => {
    if (stream.readyState === EventSource.CLOSED) {
      setTimeout(follow, 5000);
    }
  });
}

if (document.querySelector(marked)) {
  follow();
  document.addEventListener('visibilitychange', () => again && refresh());
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (button) {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
  }
});

for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false;
}
