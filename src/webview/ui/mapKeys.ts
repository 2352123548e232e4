export interface MapActions {
  fit(): void;
  follow(): void;
  /** From the map to the table, and back. */
  otherView(): void;
  search(): void;
  pause(): void;
  clear(): void;
  /** The vehicle before or after the selected one. */
  step(by: 1 | -1): void;
}

type Keys = Readonly<Record<string, () => void>>;

/** Single letters, only where nobody types: on the map. */
export function listenToMapKeys(mapPart: HTMLElement, actions: MapActions): void {
  const keys: Keys = {
    ...everywhere(actions),
    a: () => actions.fit(),
    f: () => actions.follow(),
    '[': () => actions.step(-1),
    ']': () => actions.step(1),
  };
  // Elsewhere Space presses the button that has the focus.
  const canvasKeys: Keys = { ...keys, ' ': () => actions.pause() };
  listen(mapPart, ({ tagName }) => (tagName === 'CANVAS' ? canvasKeys : keys));
}

/** In the table and the vehicle's panel: what is not about the map itself. */
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
