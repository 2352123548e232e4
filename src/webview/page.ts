import type { MapRequest, MapState } from '../protocol/map.ts';
import type { SimulationControl } from '../protocol/control.ts';
import { h, setAttribute, setHidden } from './base/dom.ts';
import type { Fleet } from './fleet/fleet.ts';
import { Format } from './base/format.ts';
import type { Host } from './host.ts';
import type { Camera } from './map/camera.ts';
import type { MapView } from './map/mapView.ts';
import type { Palette } from './map/palette.ts';
import { listenToDrops } from './route/drop.ts';
import { RouteTool } from './route/routeTool.ts';
import { Announcer } from './ui/announcer.ts';
import { Controls } from './ui/controls.ts';
import { Details } from './ui/details.ts';
import { EmptyState } from './ui/emptyState.ts';
import { Legend } from './ui/legend.ts';
import { Notes } from './ui/notes.ts';
import { RouteBar } from './ui/routeBar.ts';
import { Search } from './ui/search.ts';
import { VehicleTable } from './ui/table.ts';
import { Toolbar } from './ui/toolbar.ts';
import { MENU_CONTEXT, menuContext } from './ui/vehicleMenu.ts';
import type { Units } from './base/units.ts';
import type { Words } from './base/words.ts';

/** The user's actions on the page. */
export interface PageActions {
  fit(): void;
  follow(): void;
  /** Switches between map and table. */
  otherView(): void;
  /**
   * A vehicle was chosen in a list; undefined clears the selection. `toggle` is one more or one less; ids are those that
   * are selected with it.
   */
  picked(id: string | undefined, how?: 'toggle' | readonly string[]): void;
  searched(text: string): void;
  sorted(sort: MapState['sort']): void;
  steer(control: SimulationControl): void;
  act(act: Extract<MapRequest, { kind: 'act' }>['act']): void;
  legendOpened(): void;
}

/** The state of the page apart from the fleet. */
export interface PageState {
  view: MapState['view'];
  follow: boolean;
  /** `none` if this window cannot draw maps. */
  map: 'loading' | 'ready' | 'none';
  camera: Camera | undefined;
  /** Whether vehicles lie on each other in the picture. */
  stacked: boolean;
}

interface PageDeps {
  words: Words;
  locale: string;
  units: Units;
  fleet: Fleet;
  palette(): Palette;
  host: Host;
  map(): MapView | undefined;
}

/** The page and all its parts. */
export class Page {
  readonly toolbar: Toolbar;
  readonly search: Search;
  readonly notes = new Notes();
  readonly details: Details;
  readonly controls: Controls;
  readonly legend: Legend;
  readonly empty: EmptyState;
  readonly table: VehicleTable;
  readonly announcer: Announcer;
  readonly route: RouteTool;
  /** The container of the renderer. */
  readonly mapPlace = h('div', { id: 'map' });
  /** The map with its overlays. */
  readonly mapPart: HTMLElement;
  readonly #fleet: Fleet;
  readonly #palette: () => Palette;

  constructor(root: HTMLElement, deps: PageDeps, on: PageActions) {
    const { words, fleet, host } = deps;
    const { state } = host;
    const format = new Format(words, deps.locale, deps.units);
    const palette = (): Palette => deps.palette();
    this.#fleet = fleet;
    this.#palette = palette;
    const picked = (id: string, how?: 'toggle' | readonly string[]): void => on.picked(id, how);
    const shared = { words, format, fleet, palette, picked };
    this.announcer = new Announcer(words, format, fleet);
    this.search = new Search(
      {
        ...shared,
        changed: (text) => on.searched(text),
        announce: (text) => this.announcer.announce(text),
      },
      state.search,
    );
    this.toolbar = new Toolbar(words, format, this.search.element, {
      fit: () => on.fit(),
      follow: () => on.follow(),
      view: () => on.otherView(),
    });
    this.details = new Details(words, format, {
      close: () => on.picked(undefined),
      act: (act) => on.act(act),
    });
    this.controls = new Controls(words, format, fleet, (control) => on.steer(control));
    this.legend = new Legend(words, format);
    this.legend.element.addEventListener('toggle', () => on.legendOpened());
    this.empty = new EmptyState(words);
    this.table = new VehicleTable({ ...shared, sorted: (sort) => on.sorted(sort) }, state.sort, state.search);
    this.mapPart = h(
      'section',
      { id: 'map-part', 'aria-label': words('map') },
      this.mapPlace,
      this.legend.element,
      this.empty.element,
    );
    this.route = new RouteTool((to) => new RouteBar(words, format, to), {
      ...{ host, mapPart: this.mapPart },
      map: () => deps.map(),
      scene: () => fleet.scene,
    });
    listenToDrops(root, {
      send: (request) => host.send(request),
      tooLarge: (name) => this.notes.set('drop', words('dropTooLarge', { name }), 'warning'),
      over: (over) => this.notes.set('drop', over ? words('dropHere') : undefined),
    });
    root.replaceChildren(
      this.toolbar.element,
      this.notes.element,
      h('div', { id: 'middle' }, this.mapPart, this.table.element, this.details.element),
      this.route.bar.element,
      this.controls.element,
      this.announcer.element,
    );
  }

  /** Updates texts, buttons and notes to the current state. */
  show({ view, follow, map, camera, stacked }: PageState): void {
    const fleet = this.#fleet;
    const { scene, run, vehicles, selected, selectedId } = fleet;
    const palette = this.#palette();
    const ready = map === 'ready';
    const placed = vehicles.some(({ now }) => now.place);
    const routes = scene?.routes.length ?? 0;
    this.toolbar.show(
      scene,
      run,
      { view, follow },
      {
        map: map !== 'none',
        fit: ready && (placed || routes > 0),
        follow: ready && selectedId !== undefined,
      },
    );
    this.controls.show();
    const speeds = selectedId === undefined ? [] : fleet.speeds.of(selectedId);
    if (selected === undefined) this.details.element.removeAttribute(MENU_CONTEXT);
    else setAttribute(this.details.element, MENU_CONTEXT, menuContext(fleet, selected));
    this.details.show(selected, selected?.vin ?? selectedId, scene, speeds, palette);
    this.notes.set('scene', scene?.note, 'warning');
    this.notes.set('run', run?.note, run?.state === 'failed' ? 'warning' : 'info');
    if (view !== 'map') return;
    setHidden(this.legend.element, !ready || (vehicles.length === 0 && routes === 0));
    if (camera) this.legend.show(fleet, camera.countInView(), stacked, palette);
    this.empty.show(map === 'loading', fleet, placed);
  }
}
