import type { Fleet } from './fleet/fleet.ts';
import type { Host } from './host.ts';
import type { Announcer } from './ui/announcer.ts';

interface Deps {
  fleet: Fleet;
  host: Host;
  announcer: () => Announcer;
  /** With `go`, the map moves to the vehicle, because it was chosen in a list. */
  changed: (go: boolean) => void;
}

/** Who selects what: keeps it for the next page, and says it to screen readers. */
export class Selection {
  readonly #deps: Deps;
  /** The row that gets the focus when the table gets it. */
  last: string | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
    const { selected, also } = deps.host.state;
    deps.fleet.select(selected, also);
    this.last = selected;
  }

  /** This one alone; `others` stay selected, too. */
  select(id: string | undefined, { go = false, others = [] as readonly string[] } = {}): void {
    const { fleet, host, announcer } = this.#deps;
    const before = fleet.selectedId;
    fleet.select(id, others);
    if (id === undefined && host.state.follow) host.keep({ follow: false });
    if (id !== before) announcer().selected(id, fleet.selected);
    this.#keep(go);
  }

  /** One more or one less, or all of these. */
  choose(id: string | undefined, how: 'toggle' | readonly string[]): void {
    const { fleet } = this.#deps;
    if (how !== 'toggle') fleet.select(id, how);
    else if (id !== undefined) fleet.toggle(id);
    this.#several();
  }

  /** Keeps the selected one selected while others are stepped to, or no longer. */
  keep(): void {
    this.#deps.fleet.toggleKept();
    this.#several();
  }

  step(by: 1 | -1): void {
    const { vehicles, selected, kept } = this.#deps.fleet;
    if (vehicles.length === 0) return;
    const at = selected ? selected.index + by : by > 0 ? 0 : -1;
    this.select(vehicles.at(at % vehicles.length)?.id, { go: true, others: kept });
  }

  #several(): void {
    this.#deps.announcer().chosen(this.#deps.fleet.chosenIds.length);
    this.#keep(false);
  }

  #keep(go: boolean): void {
    const { fleet, host, changed } = this.#deps;
    this.last = fleet.selectedId ?? this.last;
    host.keep({ selected: fleet.selectedId, also: fleet.kept });
    changed(go);
  }
}
