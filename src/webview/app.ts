import type { MapMessage, MapSettings, MapState } from '../protocol/map.ts';
import { h, setHidden } from './dom.ts';
import { Fleet } from './fleet/fleet.ts';
import { conditionOf } from './fleet/vehicle.ts';
import { Format } from './format.ts';
import { atMostEvery, oncePerFrame } from './frames.ts';
import type { Host } from './host.ts';
import { loadBasemap } from './map/basemap.ts';
import { MapView } from './map/mapView.ts';
import { readPalette, type Palette } from './map/palette.ts';
import { startWorker } from './map/worker.ts';
import { onThemeChange } from './theme.ts';
import { Announcer } from './ui/announcer.ts';
import { conditionText } from './ui/conditionText.ts';
import { Controls } from './ui/controls.ts';
import { Details } from './ui/details.ts';
import { EmptyState } from './ui/emptyState.ts';
import { Legend } from './ui/legend.ts';
import { Notes } from './ui/notes.ts';
import { Search } from './ui/search.ts';
import { VehicleTable } from './ui/table.ts';
import { Toolbar } from './ui/toolbar.ts';
import { createWords, type Words } from './words.ts';

/** Texts change this often at most; the map itself is drawn as often as it can. */
const TEXT_MS = 200;
const TABLE_MS = 500;
const TABLE_MANY_MS = 1500;
const MANY = 2000;

/** The page: puts the parts together and takes messages, clicks and keys to them. */
export class App {
  readonly #root: HTMLElement;
  readonly #host: Host;
  readonly #settings: MapSettings;
  readonly #words: Words;
  readonly #fleet = new Fleet();
  readonly #format: Format;
  readonly #toolbar: Toolbar;
  readonly #search: Search;
  readonly #details: Details;
  readonly #controls: Controls;
  readonly #legend: Legend;
  readonly #notes = new Notes();
  readonly #empty = new EmptyState();
  readonly #table: VehicleTable;
  readonly #announcer: Announcer;
  readonly #mapPlace = h('div', { id: 'map' });
  readonly #mapPart: HTMLElement;
  #map: MapView | undefined;
  #mapState: 'loading' | 'ready' | 'none' = 'loading';
  #palette: Palette = readPalette();
  #shownScene = -1;
  /** The map goes to the vehicles by itself until somebody takes it, or it was kept from before a reload. */
  #fitting: boolean;
  /** The next step of following goes near first. */
  #approach = false;

  readonly #draw = oncePerFrame(() => this.#drawMap());
  readonly #write = atMostEvery(TEXT_MS, () => this.#writeTexts());
  readonly #writeTable = atMostEvery(TABLE_MS, () => this.#table.show());
  readonly #writeLargeTable = atMostEvery(TABLE_MANY_MS, () => this.#table.show());

  constructor(root: HTMLElement, host: Host, settings: MapSettings) {
    this.#root = root;
    this.#host = host;
    this.#settings = settings;
    const words = (this.#words = createWords(settings.words));
    const format = (this.#format = new Format(words, settings.locale));
    const { state } = host;
    this.#fitting = state.camera === undefined;
    this.#fleet.select(state.selected);
    const fleet = this.#fleet;
    const palette = (): Palette => this.#palette;
    const picked = (vin: string): void => this.#select(vin, true);

    this.#announcer = new Announcer(words, format, fleet);
    this.#search = new Search(
      {
        ...{ words, format, fleet, palette, picked },
        changed: (text) => {
          host.keep({ search: text });
          this.#table.search(text);
        },
        say: (text) => this.#announcer.say(text),
      },
      state.search,
    );
    this.#toolbar = new Toolbar(words, format, this.#search.element, {
      fit: () => this.#fit(),
      follow: () => this.#follow(!host.state.follow),
      view: () => this.#view(host.state.view === 'map' ? 'table' : 'map'),
    });
    this.#details = new Details(words, format, {
      close: () => this.#select(undefined),
      act: (act) => host.send({ kind: 'act', act, ...(fleet.selectedVin ? { vin: fleet.selectedVin } : {}) }),
    });
    this.#controls = new Controls(words, format, fleet, (control) => host.send({ kind: 'steer', control }));
    this.#legend = new Legend(words, format);
    this.#table = new VehicleTable(
      { ...{ words, format, fleet, palette, picked }, sorted: (sort) => host.keep({ sort }) },
      state.sort,
      state.search,
    );
    this.#mapPart = h(
      'section',
      { id: 'map-part', 'aria-label': words('map') },
      this.#mapPlace,
      this.#legend.element,
      this.#empty.element,
    );
    root.replaceChildren(
      this.#toolbar.element,
      this.#notes.element,
      h('div', { id: 'middle' }, this.#mapPart, this.#table.element, this.#details.element),
      this.#controls.element,
      this.#announcer.element,
    );
    this.#legend.element.addEventListener('toggle', () => this.#write());
    root.addEventListener('keydown', (event) => this.#key(event));
    onThemeChange(() => this.#themeChanged());
    this.#writeTexts();
  }

  /** Loads the map; without WebGL the table stands in for it. */
  async start(): Promise<void> {
    const { workerUri, basemapUri } = this.#settings;
    try {
      if (!document.createElement('canvas').getContext('webgl2')) throw new Error('There is no WebGL.');
      const [, basemap] = await Promise.all([
        startWorker(workerUri),
        loadBasemap(basemapUri).catch((error: unknown) => {
          this.#host.problem(`The basemap was not loaded: ${String(error)}`);
          this.#notes.set('basemap', this.#words('noBasemap'), 'warning');
          return undefined;
        }),
      ]);
      this.#map = new MapView(this.#mapPlace, {
        fleet: this.#fleet,
        basemap,
        words: this.#words,
        camera: this.#host.state.camera,
        events: {
          picked: (vin) => this.#select(vin),
          moved: (camera) => {
            this.#host.keep({ camera });
            this.#write();
          },
          grabbed: () => {
            this.#fitting = false;
            if (this.#host.state.follow) this.#follow(false);
          },
          drawn: (count) => (this.#root.dataset.drawn = String(count)),
          tilesFailed: (why) => {
            this.#host.problem(`The street tiles were not loaded: ${why}`);
            this.#notes.set('tiles', this.#words('tilesFailed'), 'warning');
          },
          interrupted: (lost) =>
            this.#notes.set('graphics', lost ? this.#words('contextLost') : undefined, 'warning'),
          problem: (message) => this.#host.problem(message),
        },
      });
      this.#mapState = 'ready';
    } catch (error) {
      this.#mapState = 'none';
      this.#host.problem(
        `The map cannot be drawn: ${error instanceof Error ? error.message : String(error)}`,
      );
      this.#notes.set('webgl', this.#words('noWebGl'), 'warning');
      this.#view('table');
    }
    this.#root.dataset.map = this.#mapState;
    this.#view(this.#host.state.view);
    this.#sceneChanged();
    this.#changed();
  }

  receive(message: MapMessage): void {
    if (message.kind === 'select') {
      this.#select(message.vin);
      this.#follow(true);
      return;
    }
    this.#fleet.apply(message);
    if (message.kind === 'scene') {
      // The kept choice of somebody who looked at the same before a reload wins.
      if (message.select !== undefined && this.#host.state.selected === undefined) {
        this.#select(message.select);
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
    this.#announcer.changed();
    if (this.#host.state.view === 'table') {
      if (this.#fleet.vehicles.length > MANY) this.#writeLargeTable();
      else this.#writeTable();
    }
  }

  #sceneChanged(): void {
    const { scene, sceneVersion } = this.#fleet;
    if (!this.#map || !scene || sceneVersion === this.#shownScene) return;
    this.#shownScene = sceneVersion;
    this.#map.routesChanged();
    void this.#map.useTiles(scene.tiles);
    this.#notes.set('tiles', undefined);
    if (this.#fitting) this.#map.fit();
  }

  #drawMap(): void {
    if (!this.#map || this.#host.state.view !== 'map') return;
    if (this.#host.state.follow && this.#fleet.selected?.now.place) {
      this.#map.follow(this.#approach);
      this.#approach = false;
      this.#fitting = false;
    } else if (this.#fitting && this.#fleet.vehicles.some(({ now }) => now.place)) {
      this.#fitting = false;
      this.#map.fit();
    }
    this.#map.draw();
  }

  #writeTexts(): void {
    const fleet = this.#fleet;
    const { scene, run, vehicles, selected, selectedVin } = fleet;
    const { view, follow } = this.#host.state;
    const ready = this.#mapState === 'ready';
    const placed = vehicles.some(({ now }) => now.place);
    this.#toolbar.show(
      scene,
      run,
      { view, follow },
      {
        map: this.#mapState !== 'none',
        fit: ready && (placed || (scene?.routes.length ?? 0) > 0),
        follow: ready && selectedVin !== undefined,
      },
    );
    this.#controls.show();
    this.#details.show(
      selected,
      selectedVin,
      scene,
      selectedVin ? fleet.speeds.of(selectedVin) : [],
      this.#palette,
    );
    this.#notes.set('run', run?.note, run?.state === 'failed' ? 'warning' : 'info');
    if (view === 'map') {
      setHidden(this.#legend.element, !ready || (vehicles.length === 0 && !scene?.routes.length));
      if (this.#map) this.#legend.show(fleet, this.#map.countInView(), this.#palette);
      this.#showEmpty(placed);
    }
    this.#root.dataset.selected = selectedVin ?? '';
    this.#root.dataset.follow = String(follow);
    this.#root.dataset.view = view;
  }

  #showEmpty(placed: boolean): void {
    const { scene, run } = this.#fleet;
    if (this.#mapState === 'loading') {
      this.#empty.show(this.#words('loading'), '', true);
      return;
    }
    if (placed || !scene || scene.source === 'route') {
      this.#empty.show(undefined, '', false);
      return;
    }
    if (run?.state === 'ended' || run?.state === 'failed') {
      this.#empty.show(this.#words('noPositions'), '', false);
      return;
    }
    const hint = this.#words(scene.source === 'watch' ? 'waitingWatch' : 'waitingHint');
    this.#empty.show(this.#words('waiting'), hint, true);
  }

  /** `go`: chosen in a list, so that the map goes there too. */
  #select(vin: string | undefined, go = false): void {
    const before = this.#fleet.selectedVin;
    this.#fleet.select(vin);
    this.#host.keep({ selected: vin });
    if (vin === undefined && this.#host.state.follow) this.#host.keep({ follow: false });
    const place = this.#fleet.selected?.now.place;
    if (vin !== before) {
      const condition = this.#fleet.selected
        ? conditionText(this.#words, conditionOf(this.#fleet.selected.now))
        : '';
      this.#announcer.say(
        vin === undefined
          ? this.#words('sayCleared')
          : this.#words('saySelected', {
              vin,
              phase: condition,
              speed: place ? this.#format.speed(place.speed) : this.#words('noPosition'),
            }),
      );
    }
    if (go && place && this.#host.state.view === 'map') this.#map?.follow(true);
    if (this.#host.state.view === 'table') this.#table.show();
    this.#changed();
    this.#writeTexts();
  }

  #follow(follow: boolean): void {
    const { selectedVin } = this.#fleet;
    const now = follow && selectedVin !== undefined;
    if (now !== this.#host.state.follow) {
      this.#host.keep({ follow: now });
      this.#announcer.say(
        now ? this.#words('sayFollowing', { vin: selectedVin }) : this.#words('sayNotFollowing'),
      );
    }
    this.#approach = now;
    this.#draw();
    this.#writeTexts();
  }

  #fit(): void {
    if (this.#host.state.follow) this.#follow(false);
    this.#fitting = false;
    this.#map?.fit();
  }

  #view(view: MapState['view']): void {
    const shown = this.#mapState === 'none' ? 'table' : view;
    this.#host.keep({ view: shown });
    setHidden(this.#mapPart, shown !== 'map');
    setHidden(this.#table.element, shown !== 'table');
    if (shown === 'map') this.#map?.resize();
    else this.#table.show(true);
    this.#draw();
    this.#writeTexts();
  }

  /** Single letters only where nobody types: on the map. */
  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
    if (!this.#mapPart.contains(event.target)) return;
    const step = event.key === ']' ? 1 : -1;
    switch (event.key) {
      case 'a': {
        this.#fit();
        return;
      }
      case 'f': {
        this.#follow(!this.#host.state.follow);
        return;
      }
      case 't': {
        this.#view('table');
        return;
      }
      case '/':
        event.preventDefault();
        {
          this.#search.focus();
          return;
        }
      case ' ':
        if (event.target.tagName !== 'CANVAS') return;
        event.preventDefault();
        {
          this.#controls.togglePause();
          return;
        }
      case 'Escape': {
        this.#select(undefined);
        return;
      }
      case '[':
      case ']': {
        const { vehicles, selected } = this.#fleet;
        if (vehicles.length === 0) return;
        const at = selected ? selected.index + step : step > 0 ? 0 : -1;
        this.#select(vehicles.at(at % vehicles.length)?.vin, true);
        return;
      }
    }
  }

  #themeChanged(): void {
    this.#palette = readPalette();
    this.#map?.themeChanged();
    this.#root.dataset.theme = document.body.dataset.vscodeThemeKind ?? document.body.className;
    this.#writeTexts();
    if (this.#host.state.view === 'table') this.#table.show();
  }
}
