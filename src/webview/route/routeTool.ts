import type { MapScene } from '../../protocol/map.ts';
import type { Host } from '../host.ts';
import type { MapView } from '../map/mapView.ts';
import type { RouteBar } from '../ui/routeBar.ts';
import { RouteDraft } from './draft.ts';

/** Routes of more points are recordings, which nobody moves point by point. */
const MOST_EDITED = 2000;

interface RouteToolDeps {
  host: Host;
  map: () => MapView | undefined;
  scene: () => MapScene | undefined;
  /** Where keys are pressed while a route is drawn. */
  mapPart: HTMLElement;
}

/** Drawing a route on the map, by pointer or keyboard, from the first point to *Save*. */
export class RouteTool {
  readonly #deps: RouteToolDeps;
  readonly bar: RouteBar;
  #draft: RouteDraft | undefined;
  /** The scene for which drawing began by itself. */
  #begun = false;

  constructor(bar: (on: ConstructorParameters<typeof RouteBar>[2]) => RouteBar, deps: RouteToolDeps) {
    this.#deps = deps;
    this.bar = bar({
      simulate: () => deps.host.send({ kind: 'simulate' }),
      draw: () => this.#begin(new RouteDraft()),
      edit: () => this.#begin(new RouteDraft(deps.scene()?.routes[0]?.points)),
      undo: () => this.#do((draft) => draft.undo()),
      remove: () => this.#do((draft) => draft.remove()),
      save: () => {
        const points = this.#draft?.points ?? [];
        if (points.length >= 2)
          deps.host.send({ kind: 'save-route', points: points.map(([x, y]) => [x, y]) });
      },
      cancel: () => this.end(),
    });
    deps.mapPart.addEventListener('keydown', (event) => this.#key(event), { capture: true });
  }

  /** Call when the scene is another one, or the map can be drawn on. */
  sceneChanged(): void {
    const { host, map, scene } = this.#deps;
    if (scene()?.source === 'route' && map() && !this.#begun) {
      this.#begun = true;
      const { draft } = host.state;
      // What was drawn before the page was hidden; a new route is drawn at once.
      if (draft !== undefined || scene()?.routes.length === 0) this.#begin(new RouteDraft(draft));
    }
    this.show();
  }

  show(): void {
    const { map, scene } = this.#deps;
    const [only] = scene()?.routes ?? [];
    this.bar.show(scene(), this.#draft, map() !== undefined && (only?.points.length ?? 0) <= MOST_EDITED);
  }

  end(): void {
    this.#draft = undefined;
    this.#deps.host.keep({ draft: undefined });
    this.#deps.map()?.draft.use(undefined);
    this.show();
  }

  #begin(draft: RouteDraft): void {
    this.#draft = draft;
    const { map } = this.#deps;
    map()?.draft.use(draft, () => this.#changed());
    map()?.focus();
    this.#changed();
  }

  #do(change: (draft: RouteDraft) => void): void {
    if (!this.#draft) return;
    change(this.#draft);
    this.#changed();
  }

  #changed(): void {
    const { host, map } = this.#deps;
    const points = this.#draft?.points ?? [];
    host.keep({ draft: points.map(([x, y]) => [x, y]) });
    map()?.draft.show();
    this.show();
  }

  #key(event: KeyboardEvent): void {
    const draft = this.#draft;
    const { target } = event;
    if (!draft || !(target instanceof Element) || target.tagName !== 'CANVAS') return;
    const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z';
    const keys: Readonly<Record<string, () => void>> = {
      Enter: () => this.#deps.map()?.draft.addAtCenter(),
      Delete: () => this.#do(() => draft.remove()),
      Backspace: () => this.#do(() => draft.remove()),
      Escape: () => this.#do(() => draft.select(undefined)),
    };
    const act = isUndo ? () => this.#do(() => draft.undo()) : keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }
}
