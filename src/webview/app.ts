import type { MapMessage, MapSettings, MapState } from '../protocol/map.ts';
import { defined } from '../core/defined.ts';
import { setHidden } from './base/dom.ts';
import { Fleet } from './fleet/fleet.ts';
import { atMostEvery, oncePerFrame } from './base/frames.ts';
import type { Host } from './host.ts';
import type { MapView } from './map/mapView.ts';
import { readPalette, type Palette } from './map/palette.ts';
import { openMap } from './openMap.ts';
import { Page, type PageState } from './page.ts';
import { Selection } from './selection.ts';
import { onThemeChange } from './theme.ts';
import { keepingFocus, restoreFocus } from './ui/focus.ts';
import { listenToKeysBeside, listenToMapKeys, type MapActions } from './ui/mapKeys.ts';
import { listenToMenuOfMap } from './ui/vehicleMenu.ts';
import { unitsOf } from './base/units.ts';
import { createWords, type Words } from './base/words.ts';

/** The shortest interval between updates of text. The map itself is drawn as often as possible. */
const TEXT_MS = 200;
const TABLE_MS = 500;
const TABLE_MANY_MS = 1500;
const MANY = 2000;

/** Passes messages, clicks and keys to the fleet, the map and the other parts of the page. */
export class App {
  readonly #root: HTMLElement;
  readonly #host: Host;
  readonly #settings: MapSettings;
  readonly #words: Words;
  readonly #fleet = new Fleet();
  readonly #page: Page;
  #map: MapView | undefined;
  #mapState: PageState['map'] = 'loading';
  #palette: Palette = readPalette();
  #shownScene = -1;
  readonly #selection: Selection;
  /** Whether the map moves to the vehicles by itself. Off once the user has moved it, or if a reload restored it. */
  #fitting: boolean;
  /** Whether the next step of following zooms in first. */
  #approach = false;

  readonly #draw = oncePerFrame(() => this.#drawMap());
  readonly #write = atMostEvery(TEXT_MS, () => this.#writeTexts());
  readonly #writeTable = atMostEvery(TABLE_MS, () => this.#showTable());
  readonly #writeLargeTable = atMostEvery(TABLE_MANY_MS, () => this.#showTable());

  constructor(root: HTMLElement, host: Host, settings: MapSettings) {
    this.#root = root;
    this.#host = host;
    this.#settings = settings;
    const words = (this.#words = createWords(settings.words));
    const { state } = host;
    const fleet = this.#fleet;
    this.#fitting = state.camera === undefined;
    this.#selection = new Selection({
      ...{ fleet, host },
      announcer: () => this.#page.announcer,
      changed: (go) => this.#selectionChanged(go),
    });
    const follow = (): void => this.#follow(!host.state.follow);
    const otherView = (): void => this.#view(this.#shownView === 'map' ? 'table' : 'map');
    this.#page = new Page(
      root,
      {
        words,
        locale: settings.locale,
        units: unitsOf(settings.units),
        fleet,
        palette: () => this.#palette,
        host,
        map: () => this.#map,
      },
      {
        fit: () => this.#fit(),
        follow,
        otherView,
        picked: (id, how) =>
          how === undefined ? this.#selection.select(id, { go: true }) : this.#selection.choose(id, how),
        searched: (search) => {
          host.keep({ search });
          this.#page.table.search(search);
        },
        sorted: (sort) => host.keep({ sort }),
        steer: (control) => host.send({ kind: 'steer', control }),
        act: (act) => host.send({ kind: 'act', act, ...defined({ id: fleet.selectedId }) }),
        legendOpened: () => this.#write(),
      },
    );
    const keys: MapActions = {
      fit: () => this.#fit(),
      follow,
      otherView,
      search: () => this.#page.search.focus(),
      pause: () => this.#page.controls.togglePause(),
      clear: () => this.#selection.select(undefined),
      step: (by) => this.#selection.step(by),
      keep: () => this.#selection.keep(),
    };
    listenToMapKeys(this.#page.mapPart, keys);
    listenToKeysBeside(this.#page.table.element, keys);
    listenToKeysBeside(this.#page.details.element, keys);
    listenToMenuOfMap(this.#page.mapPart, fleet, (x, y) => this.#map?.vehicleAt(x, y));
    restoreFocus(() => this.#focusView());
    onThemeChange(() => this.#themeChanged());
    this.#writeTexts();
  }

  /** Loads the map. Without WebGL, the table is shown instead. */
  async start(): Promise<void> {
    this.#map = await openMap(this.#page.mapPlace, {
      settings: this.#settings,
      host: this.#host,
      notes: this.#page.notes,
      words: this.#words,
      fleet: this.#fleet,
      camera: this.#host.state.camera,
      events: {
        picked: (id, more) => {
          if (!more) this.#selection.select(id);
          else if (id !== undefined) this.#selection.choose(id, 'toggle');
        },
        moved: (camera) => {
          this.#host.keep({ camera });
          this.#write();
        },
        grabbed: () => {
          this.#fitting = false;
          if (this.#host.state.follow) this.#follow(false);
        },
        drawn: (count) => {
          this.#root.dataset.drawn = String(count);
          if (this.#root.dataset.stacked !== String(this.#map?.stacked)) this.#write();
        },
      },
    });
    this.#mapState = this.#map ? 'ready' : 'none';
    this.#root.dataset.map = this.#mapState;
    this.#showView();
    this.#sceneChanged();
    this.#changed();
  }

  receive(message: Exclude<MapMessage, { kind: 'loaded' }>): void {
    if (message.kind === 'route-saved') {
      this.#page.route.end();
      return;
    }
    if (message.kind === 'select') {
      this.#selection.select(message.id);
      this.#follow(true);
      return;
    }
    this.#fleet.apply(message);
    if (message.kind === 'scene') {
      // A selection restored after a reload takes precedence.
      if (message.select !== undefined && this.#host.state.selected === undefined) {
        this.#selection.select(message.select);
        this.#follow(true);
      }
      this.#sceneChanged();
    }
    this.#changed();
  }

  #changed(): void {
    this.#root.dataset.vehicles = String(this.#fleet.vehicles.length);
    this.#draw();
    this.#write();
    this.#page.announcer.changed();
    if (this.#shownView === 'table') {
      if (this.#fleet.vehicles.length > MANY) this.#writeLargeTable();
      else this.#writeTable();
    }
  }

  #sceneChanged(): void {
    const { scene, sceneVersion } = this.#fleet;
    this.#page.route.sceneChanged();
    if (!this.#map || !scene || sceneVersion === this.#shownScene) return;
    this.#shownScene = sceneVersion;
    this.#page.notes.set('tiles', undefined);
    this.#map.routesChanged();
    void this.#map.useTiles(scene.tiles);
    // Fit to a planned route at once, and again when vehicles appear.
    if (this.#fitting && this.#shownView === 'map') this.#map.camera.fit();
  }

  #drawMap(): void {
    if (!this.#map || this.#shownView !== 'map') return;
    if (this.#host.state.follow && this.#fleet.selected?.now.place) {
      this.#map.camera.follow(this.#approach);
      this.#approach = false;
      this.#fitting = false;
    } else if (this.#fitting && this.#fleet.vehicles.some(({ now }) => now.place)) {
      this.#fitting = !this.#map.camera.fit();
    }
    this.#map.vehiclesChanged();
  }

  /** The table if there is no map, whatever was chosen before. */
  get #shownView(): MapState['view'] {
    return this.#mapState === 'none' ? 'table' : this.#host.state.view;
  }

  #writeTexts(): void {
    keepingFocus(
      () => this.#writeParts(),
      () => this.#focusView(),
    );
  }

  #showTable(): void {
    keepingFocus(
      () => this.#page.table.show(),
      () => this.#focusView(),
    );
  }

  /** Moves the focus to the visible view, for when the focused element is gone. */
  #focusView(): void {
    if (this.#shownView === 'table') this.#page.table.focus(this.#selection.last);
    else if (this.#map) this.#map.focus();
    else this.#page.toolbar.focus();
  }

  #writeParts(): void {
    const { follow } = this.#host.state;
    const view = this.#shownView;
    const { camera, stacked = false } = this.#map ?? {};
    this.#page.show({ view, follow, map: this.#mapState, camera, stacked });
    this.#root.dataset.stacked = String(stacked);
    this.#root.dataset.selected = this.#fleet.selectedId ?? '';
    this.#root.dataset.chosen = String(this.#fleet.chosenIds.length);
    this.#root.dataset.follow = String(follow);
    this.#root.dataset.view = view;
  }

  /** Another vehicle is selected, or others with it. With `go`, it was chosen in a list, and the map moves there. */
  #selectionChanged(go: boolean): void {
    if (go && this.#shownView === 'map') this.#map?.camera.follow(true);
    if (this.#shownView === 'table') this.#showTable();
    this.#changed();
    this.#writeTexts();
  }

  #follow(follow: boolean): void {
    const { selectedId, selected } = this.#fleet;
    const now = follow && selectedId !== undefined;
    if (now !== this.#host.state.follow) {
      this.#host.keep({ follow: now });
      this.#page.announcer.announce(
        now
          ? this.#words('sayFollowing', { vin: selected?.vin ?? selectedId })
          : this.#words('sayNotFollowing'),
      );
    }
    this.#approach = now;
    this.#draw();
    this.#writeTexts();
  }

  #fit(): void {
    if (this.#host.state.follow) this.#follow(false);
    this.#fitting = false;
    this.#map?.camera.fit();
  }

  #view(view: MapState['view']): void {
    // Without a map there is only the table.
    if (this.#mapState === 'none') return;
    this.#host.keep({ view });
    this.#showView();
  }

  #showView(): void {
    const shown = this.#shownView;
    const show = (): void => {
      setHidden(this.#page.mapPart, shown !== 'map');
      setHidden(this.#page.table.element, shown !== 'table');
      if (shown === 'map') this.#map?.resize();
      else this.#page.table.show(true);
      this.#draw();
      this.#writeTexts();
    };
    keepingFocus(show, () => this.#focusView());
  }

  #themeChanged(): void {
    this.#palette = readPalette();
    this.#map?.themeChanged();
    this.#root.dataset.theme = document.body.dataset.vscodeThemeKind ?? document.body.className;
    this.#writeTexts();
    if (this.#shownView === 'table') this.#showTable();
  }
}
