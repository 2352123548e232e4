export interface MapActions {
  fit(): void;
  follow(): void;
  /** Switches between map and table. */
  otherView(): void;
  search(): void;
  pause(): void;
  clear(): void;
  /** Selects the previous or next vehicle. */
  step(by: 1 | -1): void;
  /** Keeps the selected vehicle selected while others are stepped to, or no longer. */
  keep(): void;
}

type Keys = Readonly<Record<string, () => void>>;

/** Single-letter keys on the map, where nobody types text. */
export function listenToMapKeys(mapPart: HTMLElement, actions: MapActions): void {
  const keys: Keys = {
    ...everywhere(actions),
    a: () => actions.fit(),
    f: () => actions.follow(),
    m: () => actions.keep(),
    '[': () => actions.step(-1),
    ']': () => actions.step(1),
  };
  // Elsewhere, Space presses the focused button.
  const canvasKeys: Keys = { ...keys, ' ': () => actions.pause() };
  listen(mapPart, ({ tagName }) => (tagName === 'CANVAS' ? canvasKeys : keys));
}

/** Keys in the table and the details: those that do not concern the map itself. */
export function listenToKeysBeside(part: HTMLElement, actions: MapActions): void {
  const keys = everywhere(actions);
  listen(part, () => keys);
}

function everywhere(actions: MapActions): Keys {
  return {
    t: () => actions.otherView(),
    '/': () => actions.search(),
    Escape: () => actions.clear(),
  };
}

function listen(part: HTMLElement, keysAt: (target: Element) => Keys): void {
  part.addEventListener('keydown', (event) => {
    const { target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(target instanceof Element) || target.matches('input, select, textarea')) return;
    const act = keysAt(target)[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
