import type { ChartedVehicle, ChartMessage, ChartScene, ChartSettings } from '../../protocol/chart.ts';
import { MOST_CHARTED_SIGNALS, MOST_CHARTED_VEHICLES } from '../../protocol/chartLimits.ts';
import { h, setHidden, setText } from '../base/dom.ts';
import { Format } from '../base/format.ts';
import { oncePerFrame } from '../base/frames.ts';
import { unitsOf } from '../base/units.ts';
import { createWords, type Words } from '../base/words.ts';
import { onThemeChange } from '../theme.ts';
import { Choices } from './choices.ts';
import type { ChartHost } from './host.ts';
import { readLook, sampleOf } from './look.ts';
import { Plots } from './plots.ts';
import { Readout, valueAt } from './readout.ts';
import { inOrder, type Signal, signalOf } from './signals.ts';

/** Drawn until somebody chooses. */
const FIRST_VEHICLES = 3;
const FIRST_SIGNALS = ['speed', 'fuel', 'charge'];

/** The page: what to choose from, a chart for each signal, and the values at the cursor. */
export class ChartApp {
  readonly #root: HTMLElement;
  readonly #host: ChartHost;
  readonly #words: Words;
  readonly #format: Format;
  readonly #numbers: (value: number, digits: number) => string;
  readonly #title = h('h1');
  readonly #note = h('p', { class: 'note', role: 'status' });
  readonly #empty = h('p', { id: 'empty' });
  readonly #codes = h('p', { class: 'hint' });
  readonly #thinned = h('p', { class: 'hint', id: 'thinned' });
  readonly #vehicles: Choices;
  readonly #signals: Choices;
  readonly #plots: Plots;
  readonly #readout: Readout;
  readonly #draw: () => void;
  #look = readLook();
  #scene: ChartScene | undefined;
  #data: readonly ChartedVehicle[] = [];
  /** What somebody chose; undefined until then. */
  #chosenVehicles: string[] | undefined;
  #chosenSignals: string[] | undefined;
  #asked = '';

  constructor(root: HTMLElement, host: ChartHost, settings: ChartSettings) {
    const { locale } = settings;
    this.#root = root;
    this.#host = host;
    this.#words = createWords(settings.words);
    this.#format = new Format(this.#words, locale, unitsOf(settings.units));
    this.#numbers = numbersOf(locale);
    this.#chosenVehicles = host.state.vehicles;
    this.#chosenSignals = host.state.signals;
    const words = this.#words;
    this.#draw = oncePerFrame(() => this.#drawNow());
    this.#vehicles = new Choices({
      ...{ words, legend: words('vehicles'), filter: words('plotFindVehicle'), most: MOST_CHARTED_VEHICLES },
      markOf: (place) => {
        const line = place === undefined ? undefined : this.#look.lines[place];
        return line && sampleOf(line);
      },
      changed: (chosen) => this.#choose({ vehicles: chosen }),
    });
    this.#signals = new Choices({
      ...{ words, legend: words('plotSignals'), filter: words('plotFindSignal'), most: MOST_CHARTED_SIGNALS },
      markOf: () => undefined,
      changed: (chosen) => this.#choose({ signals: chosen }),
    });
    this.#plots = new Plots(words, {
      moved: () => this.#draw(),
      time: (ms) => this.#format.time(ms),
      value: (value, digits) => this.#numbers(value, digits),
      spoken: (time) => this.#spoken(time),
    });
    this.#readout = new Readout(words, (id) => host.send({ kind: 'act', act: 'show-payload', id }));
    root.append(
      h('header', {}, this.#title, this.#note),
      h(
        'div',
        { class: 'body' },
        h('aside', {}, this.#vehicles.element, this.#signals.element),
        h('section', {}, this.#empty, this.#plots.element, this.#readout.element, this.#codes, this.#thinned),
      ),
    );
    onThemeChange(() => this.#restyle());
    matchMedia('(forced-colors: active)').addEventListener('change', () => this.#restyle());
    this.#draw();
  }

  receive(message: ChartMessage): void {
    if (message.kind === 'data') this.#data = message.vehicles;
    else {
      this.#scene = message;
      const { select } = message;
      if (select !== undefined) this.#choose({ vehicles: select });
    }
    this.#want();
    this.#draw();
  }

  #choose(chosen: { vehicles?: string[]; signals?: string[] }): void {
    this.#chosenVehicles = chosen.vehicles ?? this.#chosenVehicles;
    this.#chosenSignals = chosen.signals ?? this.#chosenSignals;
    this.#host.keep(chosen);
    this.#want();
    this.#draw();
  }

  /** The vehicles and signals that are drawn, as far as there are any. */
  get #wanted(): { vehicles: string[]; signals: string[] } {
    const { vehicles = [], signals = [] } = this.#scene ?? {};
    const ids = vehicles.map(({ id }) => id);
    const known = new Set(ids);
    return {
      vehicles: this.#chosenVehicles?.filter((id) => known.has(id)) ?? ids.slice(0, FIRST_VEHICLES),
      signals: inOrder(this.#chosenSignals ?? FIRST_SIGNALS).filter((name) => signals.includes(name)),
    };
  }

  #want(): void {
    if (this.#scene === undefined) return;
    const wanted = this.#wanted;
    const asked = JSON.stringify(wanted);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#host.send({ kind: 'want', ...wanted });
  }

  #restyle(): void {
    this.#look = readLook();
    this.#plots.restyle();
    this.#draw();
  }

  #drawNow(): void {
    const { title = '', note = '', vehicles = [], signals = [], acts = [] } = this.#scene ?? {};
    const wanted = this.#wanted;
    const vins = new Map(vehicles.map(({ id, vin }) => [id, vin]));
    const chosen = wanted.signals.map((name) => this.#signalOf(name));
    const byId = new Map(this.#data.map((each) => [each.id, each]));
    const drawn = wanted.vehicles.flatMap((id) => byId.get(id) ?? []);
    setText(this.#title, title);
    setText(this.#note, note);
    setHidden(this.#note, note === '');
    this.#vehicles.show(
      vehicles.map(({ id, vin }) => ({ key: id, label: vin })),
      wanted.vehicles,
    );
    this.#signals.show(
      inOrder(signals).map((name) => ({ key: name, label: this.#signalOf(name).label })),
      wanted.signals,
    );
    const hasSamples = drawn.some(({ times }) => times.length > 0);
    const hasChoice = vehicles.length === 0 || (wanted.vehicles.length > 0 && chosen.length > 0);
    setText(this.#empty, hasSamples && hasChoice ? '' : this.#words(hasChoice ? 'plotEmpty' : 'plotNothing'));
    setHidden(this.#empty, hasSamples && hasChoice);
    const moments = drawn.flatMap(({ codes }) => codes.map(({ time, code }) => ({ time, label: code })));
    this.#plots.show({ vehicles: drawn, signals: hasSamples ? chosen : [], look: this.#look, moments });
    const time = this.#plots.time;
    this.#readout.show({
      vehicles: hasSamples && hasChoice ? this.#rows(wanted.vehicles, vins) : [],
      signals: chosen,
      valueOf: (id, signal) => this.#valueOf(byId.get(id), signal, time),
      caption: this.#caption(time),
      payloads: acts.includes('show-payload'),
    });
    this.#tellCodes(drawn, vins);
    this.#tellThinned(drawn, vins);
    const samples = drawn.reduce((sum, { times }) => sum + times.length, 0);
    Object.assign(this.#root.dataset, { samples: String(samples), plots: String(chosen.length) });
  }

  #rows(ids: readonly string[], vins: ReadonlyMap<string, string>) {
    return ids.map((id, i) => ({ id, vin: vins.get(id) ?? id, line: this.#look.lines[i] }));
  }

  #caption(time: number | undefined): string {
    if (time === undefined) return '';
    const at = this.#format.time(time);
    return this.#plots.isAtLatest
      ? this.#words('plotLatest', { time: at })
      : this.#words('plotAt', { time: at });
  }

  #tellCodes(drawn: readonly ChartedVehicle[], vins: ReadonlyMap<string, string>): void {
    const said = drawn.flatMap(({ id, codes }) =>
      codes.map(({ time, code }) =>
        this.#words('plotCode', { code, time: this.#format.time(time), vin: vins.get(id) ?? id }),
      ),
    );
    setText(this.#codes, said.length === 0 ? '' : `${this.#words('troubleCodes')}: ${said.join(', ')}`);
    setHidden(this.#codes, said.length === 0);
  }

  #tellThinned(drawn: readonly ChartedVehicle[], vins: ReadonlyMap<string, string>): void {
    const said = drawn
      .filter(({ dropped }) => dropped > 0)
      .map(({ id, times, dropped }) =>
        this.#words('plotThinned', {
          vin: vins.get(id) ?? id,
          kept: this.#format.count(times.length),
          all: this.#format.count(times.length + dropped),
        }),
      );
    setText(this.#thinned, said.join(' '));
    setHidden(this.#thinned, said.length === 0);
  }

  #signalOf(name: string): Signal {
    return signalOf(name, this.#words, this.#format);
  }

  #valueOf(vehicle: ChartedVehicle | undefined, signal: Signal, time: number | undefined): string {
    const value =
      vehicle === undefined || time === undefined ? undefined : valueAt(vehicle, signal.name, time);
    return value === undefined ? '–' : this.#numbers(value * signal.factor, signal.digits);
  }

  /** What is at a moment, for screen readers. */
  #spoken(time: number): string {
    const { vehicles = [] } = this.#scene ?? {};
    const { vehicles: ids, signals } = this.#wanted;
    const vins = new Map(vehicles.map(({ id, vin }) => [id, vin]));
    const ofVehicles = ids.map((id) => {
      const vehicle = this.#data.find((each) => each.id === id);
      const values = signals.map((name) => {
        const signal = this.#signalOf(name);
        return `${signal.label} ${this.#valueOf(vehicle, signal, time)} ${signal.unit}`.trim();
      });
      return `${vins.get(id) ?? id}: ${values.join(', ')}`;
    });
    return [this.#format.time(time), ...ofVehicles].join('. ');
  }
}

/** Numbers in the editor's language, with a decimal place or more where they need them. */
function numbersOf(locale: string): (value: number, digits: number) => string {
  const supported = Intl.NumberFormat.supportedLocalesOf(locale)[0] ?? 'en';
  const formats = new Map<number, Intl.NumberFormat>();
  return (value, digits) => {
    let format = formats.get(digits);
    if (format === undefined) {
      format = new Intl.NumberFormat(supported, { maximumFractionDigits: digits });
      formats.set(digits, format);
    }
    return format.format(value);
  };
}
