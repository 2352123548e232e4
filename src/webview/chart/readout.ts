import type { ChartedVehicle } from '../../protocol/chart.ts';
import { h, setAttribute, setHidden, setText } from '../base/dom.ts';
import type { Words } from '../base/words.ts';
import { type Line, sampleOf } from './look.ts';
import type { Signal } from './signals.ts';

/** What the table shows. */
export interface ReadoutView {
  vehicles: readonly { id: string; vin: string; line: Line | undefined }[];
  signals: readonly Signal[];
  /** Of one vehicle and one signal, as people read it. */
  valueOf: (id: string, signal: Signal) => string;
  caption: string;
  /** Whether the last payload of a vehicle can be asked for. */
  payloads: boolean;
}

/** The values at the cursor as a table, a vehicle a row. */
export class Readout {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #showPayload: (id: string) => void;
  readonly #caption = h('caption');
  readonly #head = h('tr');
  readonly #body = h('tbody');
  /** What the elements of the table are made for. */
  #made = '';

  constructor(words: Words, showPayload: (id: string) => void) {
    this.#words = words;
    this.#showPayload = showPayload;
    const table = h('table', { id: 'values' }, this.#caption, h('thead', {}, this.#head), this.#body);
    this.element = h('div', { class: 'readout' }, table);
  }

  show(view: ReadoutView): void {
    const { vehicles, signals, valueOf, caption, payloads } = view;
    setHidden(this.element, vehicles.length === 0);
    const made = JSON.stringify([vehicles, signals.map(({ name }) => name), payloads]);
    if (made !== this.#made) this.#make(view);
    this.#made = made;
    setText(this.#caption, caption);
    vehicles.forEach(({ id }, i) => {
      const cells = this.#body.rows[i]?.cells;
      signals.forEach((signal, column) => {
        const cell = cells?.[column + 1];
        if (cell !== undefined) setText(cell, valueOf(id, signal));
      });
    });
  }

  #make({ vehicles, signals, payloads }: ReadoutView): void {
    this.#head.replaceChildren(
      h('th', { scope: 'col' }, this.#words('vin')),
      ...signals.map(({ label, unit }) =>
        h('th', { scope: 'col', class: 'figure' }, unit === '' ? label : `${label}, ${unit}`),
      ),
      ...(payloads ? [h('td')] : []),
    );
    this.#body.replaceChildren(
      ...vehicles.map(({ id, vin, line }) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, line && sampleOf(line), h('span', {}, vin)),
          ...signals.map(() => h('td', { class: 'figure' })),
          ...(payloads ? [h('td', {}, this.#payloadOf(id, vin))] : []),
        ),
      ),
    );
  }

  #payloadOf(id: string, vin: string): HTMLElement {
    const button = h('button', { type: 'button', class: 'secondary' }, this.#words('showPayload'));
    setAttribute(button, 'aria-label', this.#words('plotPayloadOf', { vin }));
    button.addEventListener('click', () => this.#showPayload(id));
    return button;
  }
}

/** Of the last sample that is not after a moment; undefined before the first one, or where there is none. */
export function valueAt({ times, columns }: ChartedVehicle, name: string, time: number): number | undefined {
  let [from, to] = [0, times.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((times[middle] ?? Infinity) <= time) from = middle + 1;
    else to = middle;
  }
  return columns[name]?.[from - 1] ?? undefined;
}
