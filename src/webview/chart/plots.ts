import type { ChartedVehicle } from '../../protocol/chart.ts';
import { h, setAttribute, setHidden } from '../base/dom.ts';
import type { Words } from '../base/words.ts';
import type { Look } from './look.ts';
import { joined, type Moment, Plot, type PlotEvents, type TimeRange } from './plot.ts';
import type { Signal } from './signals.ts';

export interface PlotsView {
  vehicles: readonly ChartedVehicle[];
  signals: readonly Signal[];
  look: Look;
  moments: readonly Moment[];
}

interface Events extends Pick<PlotEvents, 'time' | 'value'> {
  /** The cursor is elsewhere, or another part is shown. */
  moved(): void;
  /** What is at a moment, in words. */
  spoken(time: number): string;
}

const HEIGHT = 190;
const HEIGHT_ALONE = 320;
/** A page of time by a key, and what a step of the zoom leaves: parts of what is shown. */
const PAGE = 0.1;
const ZOOM = 0.5;
const SHORTEST_MS = 1000;

/** A chart for each signal, with one cursor through all of them, which the arrow keys move. */
export class Plots {
  readonly element: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #all: HTMLButtonElement;
  readonly #events: Events;
  #view: PlotsView | undefined;
  #plots: { plot: Plot; heading: HTMLElement; signal: Signal }[] = [];
  #made = '';
  /** All moments of which there is something, rising. */
  #times: readonly number[] = [];
  #pinned: number | undefined;
  #pointed: number | undefined;
  #range: TimeRange | undefined;

  constructor(words: Words, events: Events) {
    this.#events = events;
    this.#frame = h('div', {
      ...{ id: 'plots', tabindex: 0, role: 'slider', 'aria-orientation': 'horizontal' },
      ...{ 'aria-label': words('plotCursor'), 'aria-valuemin': 0 },
    });
    this.#frame.addEventListener('keydown', (event) => this.#key(event));
    this.#frame.addEventListener('focus', () => this.#speak());
    this.#all = h('button', { type: 'button', class: 'secondary' }, words('plotAll'));
    this.#all.addEventListener('click', () => this.#zoom(undefined));
    this.element = h('div', { class: 'plots' }, h('p', { class: 'zoomed' }, this.#all), this.#frame);
    new ResizeObserver(() => this.#resize()).observe(this.#frame);
  }

  /** Where the cursor is: at the pointer, where the keys put it, or at the end. */
  get time(): number | undefined {
    return this.#pointed ?? this.#pinned ?? this.#times.at(-1);
  }

  get isAtLatest(): boolean {
    return this.#pointed === undefined && this.#pinned === undefined;
  }

  show(view: PlotsView): void {
    this.#view = view;
    const { vehicles, signals, look, moments } = view;
    setHidden(this.element, signals.length === 0);
    setHidden(this.#all, this.#range === undefined);
    const made = JSON.stringify([vehicles.map(({ id }) => id), signals, look]);
    if (made !== this.#made) this.#make(view);
    this.#made = made;
    const [times = []] = joined(vehicles.map(({ times: of }) => [of, of.map(() => null)]));
    this.#times = times as number[];
    for (const { plot, signal } of this.#plots) {
      const tables = vehicles.map(({ times: of, columns }): [number[], (number | null)[]] => [
        of,
        columns[signal.name]?.map((value) => value && value * signal.factor) ?? of.map(() => null),
      ]);
      plot.show(joined(tables), this.#range, moments);
    }
    setAttribute(this.#frame, 'aria-valuemax', String(Math.max(0, this.#times.length - 1)));
    this.#placeCursors();
    // A screen reader would say each of the changes of what has the focus.
    if (document.activeElement !== this.#frame || !this.isAtLatest) this.#speak();
  }

  /** Another theme: everything is drawn anew. */
  restyle(): void {
    this.#made = '';
  }

  #make({ vehicles, signals, look }: PlotsView): void {
    for (const { plot, heading } of this.#plots) {
      plot.destroy();
      heading.remove();
    }
    const height = signals.length === 1 ? HEIGHT_ALONE : HEIGHT;
    this.#plots = signals.map((signal) => {
      const { label, unit } = signal;
      const heading = h('h2', {}, unit === '' ? label : `${label}, ${unit}`);
      this.#frame.append(heading);
      const options = { signal, look, vehicles: vehicles.length, width: this.#width, height };
      const plot = new Plot(this.#frame, options, {
        time: (ms) => this.#events.time(ms),
        value: (value, digits) => this.#events.value(value, digits),
        pointed: (time) => this.#point(time),
        zoomed: (range) => this.#zoom(range),
      });
      return { plot, heading, signal };
    });
  }

  get #width(): number {
    return Math.max(200, this.#frame.clientWidth);
  }

  #resize(): void {
    const height = this.#plots.length === 1 ? HEIGHT_ALONE : HEIGHT;
    for (const { plot } of this.#plots) plot.resize(this.#width, height);
  }

  #point(time: number | undefined): void {
    if (time === this.#pointed) return;
    this.#pointed = time;
    this.#placeCursors();
    this.#events.moved();
  }

  #zoom(range: TimeRange | undefined): void {
    if (range !== undefined && range[1] - range[0] < SHORTEST_MS) return;
    const hadFocus = document.activeElement === this.#all;
    this.#range = range;
    if (this.#view !== undefined) this.show(this.#view);
    // The button goes: the keys stay with what it was about.
    if (hadFocus && range === undefined) this.#frame.focus();
    this.#events.moved();
  }

  #placeCursors(): void {
    const time = this.#pointed ?? this.#pinned;
    for (const { plot } of this.#plots) plot.cursor = time;
  }

  #speak(): void {
    const time = this.time;
    if (time === undefined) return;
    setAttribute(this.#frame, 'aria-valuenow', String(this.#indexOf(time)));
    setAttribute(this.#frame, 'aria-valuetext', this.#events.spoken(time));
  }

  /** Of the last moment that is not after this one. */
  #indexOf(time: number): number {
    const after = this.#times.findIndex((each) => each > time);
    return Math.max(0, (after < 0 ? this.#times.length : after) - 1);
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { time } = this;
    if (time === undefined) return;
    const last = this.#times.length - 1;
    const at = this.#indexOf(time);
    const page = Math.max(1, Math.round(this.#times.length * PAGE));
    const to = (index: number): void => this.#pin(this.#times[Math.min(last, Math.max(0, index))]);
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => to(at - 1),
      ArrowDown: () => to(at - 1),
      ArrowRight: () => to(at + 1),
      ArrowUp: () => to(at + 1),
      PageDown: () => to(at - page),
      PageUp: () => to(at + page),
      Home: () => to(0),
      End: () => to(last),
      Escape: () => this.#pin(undefined),
      '+': () => this.#zoomBy(ZOOM),
      '-': () => this.#zoomBy(1 / ZOOM),
      '0': () => this.#zoom(undefined),
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  #pin(time: number | undefined): void {
    this.#pointed = undefined;
    this.#pinned = time;
    if (time !== undefined) this.#follow(time);
    this.#placeCursors();
    this.#speak();
    this.#events.moved();
  }

  /** What is shown moves along when the cursor would leave it. */
  #follow(time: number): void {
    const range = this.#range;
    if (range === undefined || (time >= range[0] && time <= range[1])) return;
    const half = (range[1] - range[0]) / 2;
    this.#zoom([time - half, time + half]);
  }

  #zoomBy(part: number): void {
    const [first, last] = [this.#times[0], this.#times.at(-1)];
    const { time } = this;
    if (first === undefined || last === undefined || time === undefined) return;
    const [from, to] = this.#range ?? [first, last];
    const length = (to - from) * part;
    if (length >= last - first) this.#zoom(undefined);
    else this.#zoom([time - length / 2, time + length / 2]);
  }
}
