import type { MapRequest, MapScene, MapVehicle } from '../../protocol/map.ts';
import type { MapWord } from '../../protocol/mapWords.ts';
import { h, setAttribute, setHidden, setText } from '../base/dom.ts';
import type { SpeedAt } from '../fleet/speedHistory.ts';
import { conditionOf, placeNow, type Vehicle } from '../fleet/vehicle.ts';
import type { Format } from '../base/format.ts';
import { icon } from '../base/icons.ts';
import type { Palette } from '../map/palette.ts';
import type { Words } from '../base/words.ts';
import { SpeedChart } from './chart.ts';
import { linkText, phaseText } from './conditionText.ts';
import { SymbolIcon } from './symbolIcon.ts';

type Act = Extract<MapRequest, { kind: 'act' }>['act'];

const actWords = { 'show-payload': 'showPayload', 'show-log': 'showLog', diagnose: 'diagnose' } as const;

/** Details of the selected vehicle, and actions on it. */
export class Details {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #format: Format;
  readonly #act: (act: Act) => void;
  readonly #symbol = new SymbolIcon();
  readonly #vin = h('h2', { class: 'vin' });
  readonly #state = h('p', { class: 'state' });
  readonly #problem = h('p', { class: 'problem', hidden: true });
  readonly #speed = h('span', { class: 'big' });
  readonly #heading = h('span', { class: 'big-note' });
  readonly #rows = new Map<MapWord, { row: HTMLElement; value: HTMLElement }>();
  readonly #codes = h('dd', { class: 'codes' });
  readonly #chart: SpeedChart;
  readonly #acts = h('div', { class: 'acts' });
  #shownActs = '';
  #shownCodes: string | undefined;

  constructor(words: Words, format: Format, on: { close(): void; act(act: Act): void }) {
    this.#words = words;
    this.#format = format;
    this.#act = (act) => on.act(act);
    this.#chart = new SpeedChart(words, format);
    const close = h(
      'button',
      { type: 'button', class: 'icon-button', title: words('close'), 'aria-label': words('close') },
      icon('close'),
    );
    close.addEventListener('click', () => on.close());
    const list = h('dl', {}, ...this.#row('position', 'odometer', 'fuel', 'battery', 'progress'));
    const messages = h(
      'dl',
      {},
      ...this.#row('lastMessage', 'topic', 'serial', 'ackTime', 'acknowledged', 'unacked', 'lost'),
    );
    list.append(h('div', { class: 'row' }, h('dt', {}, words('troubleCodes')), this.#codes));
    this.element = h(
      'aside',
      { id: 'details', hidden: true },
      h('header', {}, this.#symbol.element, h('div', {}, this.#vin, this.#state), close),
      this.#problem,
      h('div', { class: 'speed' }, this.#speed, this.#heading),
      this.#chart.element,
      list,
      messages,
      this.#acts,
    );
  }

  #row(...keys: MapWord[]): HTMLElement[] {
    return keys.map((key) => {
      const value = h('dd', { 'data-value': key });
      const row = h('div', { class: 'row' }, h('dt', {}, this.#words(key)), value);
      this.#rows.set(key, { row, value });
      return row;
    });
  }

  /** An empty text hides the row. */
  #set(key: MapWord, text: string): void {
    const found = this.#rows.get(key);
    if (!found) return;
    setHidden(found.row, text === '');
    setText(found.value, text);
  }

  show(
    vehicle: Vehicle | undefined,
    vin: string | undefined,
    scene: MapScene | undefined,
    speeds: readonly SpeedAt[],
    palette: Palette,
  ): void {
    setHidden(this.element, vin === undefined);
    if (vin === undefined) return;
    setText(this.#vin, vin);
    setAttribute(this.element, 'aria-label', this.#words('selected', { vin }));
    this.#showActs(scene?.acts ?? []);
    this.#chart.show(speeds);
    if (!vehicle) {
      this.#unknown();
      return;
    }
    const { now } = vehicle;
    this.#symbol.show(conditionOf(now), palette);
    setText(
      this.#state,
      [...this.#stateWords(now), linkText(this.#words, now.link)].filter(Boolean).join(' · '),
    );
    setHidden(this.#problem, now.problem === undefined);
    setText(this.#problem, now.problem ?? '');
    this.#showPlace(now);
    this.#showMessages(now);
    this.#showCodes(now.troubleCodes);
  }

  /** Of a place from before, how old it is. */
  #stateWords({ phase, earlier }: MapVehicle): string[] {
    if (earlier === undefined) return [phaseText(this.#words, phase)];
    const when = earlier.at === undefined ? this.#words('earlierUnknown') : this.#format.dateTime(earlier.at);
    return [this.#words('phaseEarlier'), when];
  }

  #unknown(): void {
    setText(this.#state, this.#words('noPosition'));
    setHidden(this.#problem, true);
    setText(this.#speed, '');
    setText(this.#heading, '');
    for (const key of this.#rows.keys()) this.#set(key, '');
    this.#showCodes([]);
  }

  #showPlace(vehicle: MapVehicle): void {
    const format = this.#format;
    const { place: known, fraction } = vehicle;
    // Of a place from before, nothing else is known.
    const place = placeNow(vehicle);
    const { heading, speed, odometer, fuel, fuelLevel, charge } = place ?? {};
    const none = known ? '' : this.#words('noPosition');
    setText(this.#speed, speed === undefined ? none : format.speed(speed));
    setText(this.#heading, heading === undefined ? '' : format.heading(heading));
    this.#set('position', known ? format.position(known.latitude, known.longitude) : '');
    this.#set('odometer', odometer === undefined ? '' : format.distance(odometer));
    // An electric car reports fuel only for the cloud.
    const level = fuelLevel === undefined ? '' : format.percent(fuelLevel);
    const tank = fuel === undefined ? level : format.fuel(fuel);
    this.#set('fuel', charge === undefined ? tank : '');
    this.#set('battery', charge === undefined ? '' : format.percent(charge));
    this.#set('progress', fraction === undefined ? '' : format.percent(fraction));
  }

  #showMessages({ lastMessage, acknowledged, unacked, lost, phase }: MapVehicle): void {
    const format = this.#format;
    this.#set('lastMessage', lastMessage ? `${format.time(lastMessage.time)} · ${lastMessage.type}` : '');
    this.#set('topic', lastMessage?.topic ?? '');
    this.#set('serial', lastMessage?.serial === undefined ? '' : String(lastMessage.serial));
    this.#set('ackTime', lastMessage?.ackMs === undefined ? '' : format.milliseconds(lastMessage.ackMs));
    // For other people's vehicles, only received messages are known.
    const watched = phase === 'watched';
    this.#set('acknowledged', watched ? '' : format.count(acknowledged));
    this.#set('unacked', watched ? '' : format.count(unacked));
    this.#set('lost', watched ? '' : format.count(lost));
  }

  #showCodes(codes: readonly string[]): void {
    const key = codes.join();
    if (key === this.#shownCodes) return;
    this.#shownCodes = key;
    // A code may be reported more than once. Show each one once.
    const unique = [...new Set(codes)];
    this.#codes.replaceChildren(
      ...(unique.length > 0
        ? unique.map((code) => h('span', { class: 'code' }, icon('warning'), code))
        : [this.#words('noTroubleCodes')]),
    );
  }

  #showActs(acts: readonly Act[]): void {
    const key = acts.join();
    if (key === this.#shownActs) return;
    this.#shownActs = key;
    this.#acts.replaceChildren(
      ...acts.map((act) => {
        const button = h(
          'button',
          { type: 'button', class: 'secondary', 'data-act': act },
          this.#words(actWords[act]),
        );
        button.addEventListener('click', () => this.#act(act));
        return button;
      }),
    );
  }
}
