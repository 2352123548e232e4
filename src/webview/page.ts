import type { MapRequest, MapState } from '../protocol/map.ts';
import type { SimulationControl } from '../protocol/simulation.ts';
import { h } from './dom.ts';
import type { Fleet } from './fleet/fleet.ts';
import { Format } from './format.ts';
import type { Palette } from './map/palette.ts';
import { Announcer } from './ui/announcer.ts';
import { Controls } from './ui/controls.ts';
import { Details } from './ui/details.ts';
import { EmptyState } from './ui/emptyState.ts';
import { Legend } from './ui/legend.ts';
import { Notes } from './ui/notes.ts';
import { Search } from './ui/search.ts';
import { VehicleTable } from './ui/table.ts';
import { Toolbar } from './ui/toolbar.ts';
import type { Words } from './words.ts';

/** What somebody does on the page. */
export interface PageActions {
  fit(): void;
  follow(): void;
  /** From the map to the table, and back. */
  otherView(): void;
  /** Chosen in a list; undefined clears the selection. */
  picked(vin: string | undefined): void;
  searched(text: string): void;
  sorted(sort: MapState['sort']): void;
  steer(control: SimulationControl): void;
  act(act: Extract<MapRequest, { kind: 'act' }>['act']): void;
  legendOpened(): void;
}

/** All parts of the page in their places. */
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
  /** Where the renderer draws. */
  readonly mapPlace = h('div', { id: 'map' });
  /** That with what lies over it. */
  readonly mapPart: HTMLElement;

  constructor(
    root: HTMLElement,
    deps: { words: Words; locale: string; fleet: Fleet; palette(): Palette; state: MapState },
    on: PageActions,
  ) {
    const { words, fleet, state } = deps;
    const format = new Format(words, deps.locale);
    const palette = (): Palette => deps.palette();
    const picked = (vin: string): void => on.picked(vin);
    const shared = { words, format, fleet, palette, picked };
    this.announcer = new Announcer(words, format, fleet);
    this.search = new Search(
      {
        ...shared,
        changed: (text) => on.searched(text),
        say: (text) => this.announcer.say(text),
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
    root.replaceChildren(
      this.toolbar.element,
      this.notes.element,
      h('div', { id: 'middle' }, this.mapPart, this.table.element, this.details.element),
      this.controls.element,
      this.announcer.element,
    );
  }
}
