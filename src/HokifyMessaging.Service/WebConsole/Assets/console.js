// Asks for the page again when something has moved, and puts the parts in place that say they are alive. All that is shown is made by the service;
// without this file one presses "refresh".
const marked = '[data-live]';
let busy = false;
let again = false;

// By what an element is known again, so that a button, or the row of a run, stays the one that it was and keeps the focus.
const keyOf = (node) => node.id || (node.nodeName === 'INPUT' && node.name) || node.getAttribute?.('href') || node.getAttribute?.('value') || (/^(LI|TR)$/.test(node.nodeName) && (node.querySelector('a[href]')?.getAttribute('href') || node.querySelector('button[value]')?.value)) || '';
const isSame = (old, fresh) => old.nodeName === fresh.nodeName && keyOf(old) === keyOf(fresh);

// Changes what has changed and leaves the rest alone: nobody loses their place, and a screen reader hears what is new and nothing else.
function mould(old, fresh) {
  // How far the log had come when somebody looked: made newer behind their back, it would not tell them who was faster.
  if (old.name === 'stand') {
    return;
  }

  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) {
      old.nodeValue = fresh.nodeValue;
    }

    return;
  }

  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !['open', 'tabindex'].includes(name)) {
      old.removeAttribute(name);
    }
  }

  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }

  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    let match = at;
    while (match && keyOf(child) && !isSame(match, child)) {
      match = match.nextSibling;
    }

    if (!match || !isSame(match, child)) {
      old.insertBefore(child, at);
      continue;
    }

    while (at !== match) {
      at = at.nextSibling;
      at.previousSibling.remove();
    }

    mould(match, child);
    at = match.nextSibling;
  }

  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

// A button that is gone takes the focus with it: whoever had it goes on from where it was.
function put(old, fresh) {
  const hadFocus = old.contains(document.activeElement);
  mould(old, fresh);
  if (hadFocus && !old.contains(document.activeElement)) {
    old.tabIndex = -1;
    old.focus({ preventScroll: true });
  }
}

// Without script there is nothing to press.
function offer() {
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.hidden = false;
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

      offer();

      // What a button has done is still said on this page, and no longer on a fresh one.
      const notice = document.querySelector('.notice');
      document.title = notice ? `${notice.textContent} – ${page.title}` : page.title;
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
    // Closed for good is a stream that the service refuses, perhaps because the session has ended: the page then says so.
    if (stream.readyState === EventSource.CLOSED) {
      refresh();
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

offer();
