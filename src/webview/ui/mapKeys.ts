export interface MapActions {
  fit(): void;
  follow(): void;
  table(): void;
  search(): void;
  pause(): void;
  clear(): void;
  /** The vehicle before or after the selected one. */
  step(by: 1 | -1): void;
}

/** Single letters, only where nobody types: on the map. */
export function listenToMapKeys(mapPart: HTMLElement, actions: MapActions): void {
  const keys: Record<string, () => void> = {
    a: () => actions.fit(),
    f: () => actions.follow(),
    t: () => actions.table(),
    '/': () => actions.search(),
    Escape: () => actions.clear(),
    '[': () => actions.step(-1),
    ']': () => actions.step(1),
  };
  mapPart.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
    // Elsewhere Space presses the button that has the focus.
    const space = event.key === ' ' && event.target.tagName === 'CANVAS';
    const act = space ? () => actions.pause() : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
