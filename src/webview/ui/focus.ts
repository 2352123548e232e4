import { setAttribute } from '../base/dom.ts';

/** Whether an element can have the focus: not removed, hidden or disabled. */
function canHaveFocus(element: Element): boolean {
  return element.isConnected && !element.closest('[hidden]') && !element.matches(':disabled');
}

/** False if the focus is on the body, or on an element that is about to lose it. */
function isFocusSomewhere(): boolean {
  const { activeElement, body } = document;
  return activeElement !== null && activeElement !== body && canHaveFocus(activeElement);
}

/** Makes a change. If it removes the focused element, calls `instead` to focus something else. */
export function keepingFocus(change: () => void, instead: () => void): void {
  const had = isFocusSomewhere();
  change();
  // Do not take the focus if the user has left the page; see `restoreFocus`.
  if (had && document.hasFocus() && !isFocusSomewhere()) instead();
}

/** When the user returns to the page, focuses the last element again, or calls `instead` if it is gone. */
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
 * Enables or disables a control. Disabling the focused one would lose the focus, so that one only gets `aria-disabled`
 * and is disabled on blur. Its click events still arrive and must be ignored.
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
  // When the user leaves the window, the element stays active.
  if (currentTarget !== document.activeElement) setInUse(currentTarget as Control, false);
}

/** Prevents the keys that move a slider. */
function keepValue(event: Event): void {
  const slider = (event.currentTarget as Control).type === 'range';
  if (slider && /^(Arrow|Page|Home|End)/.test((event as KeyboardEvent).key)) event.preventDefault();
}
