import { setAttribute } from '../base/dom.ts';

/** What the page has taken away, it hides, disables or removes. */
function canHaveFocus(element: Element): boolean {
  return element.isConnected && !element.closest('[hidden]') && !element.matches(':disabled');
}

/** False while the focus is nowhere: on the body, or on what is about to lose it. */
function isFocusSomewhere(): boolean {
  const { activeElement, body } = document;
  return activeElement !== null && activeElement !== body && canHaveFocus(activeElement);
}

/** Makes a change; if it takes away what has the focus, `instead` gives the focus to something else. */
export function keepingFocus(change: () => void, instead: () => void): void {
  const had = isFocusSomewhere();
  change();
  // A page that somebody has left must not take the focus from where they are; see `restoreFocus`.
  if (had && document.hasFocus() && !isFocusSomewhere()) instead();
}

/** Who comes back to the page goes on where they left it, or `instead` where that is gone. */
export function restoreFocus(instead: () => void): void {
  let last: Element | undefined;
  document.addEventListener('focusin', ({ target }) => {
    if (target instanceof Element) last = target;
  });
  window.addEventListener('focus', () => {
    if (!last || isFocusSomewhere()) return;
    if (last instanceof HTMLElement && canHaveFocus(last)) last.focus({ preventScroll: true });
    else instead();
  });
}

type Control = HTMLButtonElement | HTMLInputElement;

/**
 * Takes a control out of use, or back. Disabling the one with the focus would drop the focus: that one only says that
 * it is out of use, and is disabled when the focus goes. Its click still arrives, and must do nothing.
 */
export function setInUse(control: Control, use: boolean): void {
  const held = !use && control === document.activeElement;
  control.disabled = !use && !held;
  if (held) {
    setAttribute(control, 'aria-disabled', 'true');
    control.addEventListener('blur', disableWhenLeft);
    control.addEventListener('keydown', keepValue);
  } else if (control.hasAttribute('aria-disabled')) {
    control.removeAttribute('aria-disabled');
    control.removeEventListener('blur', disableWhenLeft);
    control.removeEventListener('keydown', keepValue);
  }
}

function disableWhenLeft({ currentTarget }: Event): void {
  // Who leaves the window comes back to the same element.
  if (currentTarget !== document.activeElement) setInUse(currentTarget as Control, false);
}

/** A slider moves with these. */
function keepValue(event: Event): void {
  const slider = (event.currentTarget as Control).type === 'range';
  if (slider && /^(Arrow|Page|Home|End)/.test((event as KeyboardEvent).key)) event.preventDefault();
}
