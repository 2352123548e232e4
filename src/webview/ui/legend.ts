import { h, setText, svg } from '../base/dom.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { conditionOf, conditions, type Condition } from '../fleet/vehicle.ts';
import type { Format } from '../base/format.ts';
import { trailWidth } from '../map/lineLayers.ts';
import type { Palette } from '../map/palette.ts';
import { GROUP_FROM } from '../map/vehicleLayers.ts';
import type { Words } from '../base/words.ts';
import { conditionText } from './conditionText.ts';
import { SymbolIcon } from './symbolIcon.ts';

const STRIP = 34;

/** Explains the symbols and lines on the map. Contains only those that are visible. */
export class Legend {
  readonly element: HTMLDetailsElement;
  readonly #words: Words;
  readonly #format: Format;
  readonly #symbols = h('ul', { class: 'legend-symbols' });
  readonly #group: HTMLElement;
  readonly #route: HTMLElement;
  readonly #speeds = h('div', { class: 'legend-speeds' });
  readonly #inView = h('p', { class: 'in-view' });
  readonly #counts = new Map<Condition, { item: HTMLElement; symbol: SymbolIcon; text: HTMLElement }>();
  #shownSpeeds = '';

  constructor(words: Words, format: Format) {
    this.#words = words;
    this.#format = format;
    for (const condition of conditions) {
      const symbol = new SymbolIcon();
      const text = h('span');
      const item = h('li', { hidden: true }, symbol.element, text);
      this.#counts.set(condition, { item, symbol, text });
      this.#symbols.append(item);
    }
    this.#group = h('li', { hidden: true }, h('span', { class: 'legend-group' }, '12'), words('legendGroup'));
    this.#route = h('li', { hidden: true }, h('span', { class: 'legend-route' }), words('legendRoute'));
    this.#symbols.append(this.#group, this.#route);
    this.element = h(
      'details',
      { id: 'legend' },
      h('summary', {}, words('legend')),
      this.#symbols,
      this.#speeds,
      this.#inView,
    );
    this.element.open = innerWidth >= 700 && innerHeight >= 560;
  }

  /** @param stacked whether vehicles lie on each other */
  show(fleet: Fleet, inView: number, stacked: boolean, palette: Palette): void {
    if (!this.element.open) return;
    const counts = new Map<Condition, number>();
    let placed = 0;
    for (const { now } of fleet.vehicles) {
      const condition = conditionOf(now);
      counts.set(condition, (counts.get(condition) ?? 0) + 1);
      if (now.place) placed += 1;
    }
    for (const [condition, { item, symbol, text }] of this.#counts) {
      const count = counts.get(condition) ?? 0;
      item.hidden = count === 0;
      if (count === 0) continue;
      symbol.show(condition, palette);
      setText(text, `${conditionText(this.#words, condition)} ${this.#format.count(count)}`);
    }
    this.#group.hidden = fleet.vehicles.length < GROUP_FROM && !stacked;
    this.#route.hidden = (fleet.scene?.routes.length ?? 0) === 0;
    this.#speeds.hidden = placed === 0;
    this.#showSpeeds(palette);
    this.#inView.hidden = placed === 0;
    setText(
      this.#inView,
      this.#words('inView', {
        shown: this.#format.count(inView),
        all: this.#format.count(fleet.vehicles.length),
      }),
    );
  }

  #showSpeeds({ speeds }: Palette): void {
    const key = speeds.join();
    if (key === this.#shownSpeeds) return;
    this.#shownSpeeds = key;
    const { speedSteps: limits, legendTrail } = this.#format.units;
    const strips = speeds.map((color, step) => {
      const line = svg('line', {
        x1: 3,
        x2: STRIP - 3,
        y1: 6,
        y2: 6,
        'stroke-width': trailWidth(step),
        'stroke-linecap': 'round',
      });
      line.style.stroke = color;
      const from = limits[step - 1] ?? 0;
      const to = limits[step];
      const text = to === undefined ? `> ${from}` : `${from}–${to}`;
      return h(
        'li',
        {},
        svg('svg', { width: STRIP, height: 12, 'aria-hidden': 'true' }, line),
        h('span', {}, text),
      );
    });
    this.#speeds.replaceChildren(h('p', {}, this.#words(legendTrail)), h('ul', {}, ...strips));
  }
}
