import { h, setText, setAttribute, svg } from '../base/dom.ts';
import { HISTORY_MS, type SpeedAt } from '../fleet/speedHistory.ts';
import type { Format } from '../base/format.ts';
import type { Words } from '../base/words.ts';

const WIDTH = 260;
const HEIGHT = 64;
const TOP = 6;
/** In the unit that speeds are shown in. The top of the scale is a multiple of this. */
const SCALE_STEP = 20;

/** A chart of the speed over the last five minutes. Its label contains the figures, for screen readers. */
export class SpeedChart {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #format: Format;
  readonly #area = svg('path', { class: 'chart-area' });
  readonly #line = svg('path', { class: 'chart-line', 'vector-effect': 'non-scaling-stroke' });
  readonly #middle = svg('path', {
    class: 'chart-grid',
    d: `M0 ${(HEIGHT + TOP) / 2}H${WIDTH}`,
    'vector-effect': 'non-scaling-stroke',
  });
  readonly #drawing: SVGSVGElement;
  readonly #top = h('span', { class: 'chart-top' });
  readonly #empty: HTMLElement;

  constructor(words: Words, format: Format) {
    this.#words = words;
    this.#format = format;
    this.#drawing = svg(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', class: 'chart-drawing' },
      this.#middle,
      this.#area,
      this.#line,
    );
    this.#empty = h('p', { class: 'chart-empty' }, words('chartEmpty'));
    this.element = h(
      'figure',
      { class: 'chart' },
      h('figcaption', {}, h('span', {}, words('chart')), this.#top),
      h('div', { class: 'chart-frame' }, this.#drawing, this.#empty),
    );
  }

  show(speeds: readonly SpeedAt[]): void {
    const last = speeds.at(-1);
    this.#empty.hidden = speeds.length > 1;
    if (!last || speeds.length < 2) {
      this.#line.setAttribute('d', '');
      this.#area.setAttribute('d', '');
      setText(this.#top, '');
      setAttribute(this.#drawing, 'aria-label', this.#words('chartEmpty'));
      return;
    }
    let least = last.speed;
    let most = last.speed;
    for (const { speed } of speeds) {
      least = Math.min(least, speed);
      most = Math.max(most, speed);
    }
    const step = SCALE_STEP / this.#format.units.speed.perMetreSecond;
    const scale = Math.max(1, Math.ceil(most / step)) * step;
    const path = speeds
      .map(({ time, speed }, i) => {
        const x = WIDTH - ((last.time - time) / HISTORY_MS) * WIDTH;
        const y = HEIGHT - (Math.max(0, speed) / scale) * (HEIGHT - TOP);
        return `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
      })
      .join('');
    const first = WIDTH - ((last.time - (speeds[0]?.time ?? 0)) / HISTORY_MS) * WIDTH;
    this.#line.setAttribute('d', path);
    this.#area.setAttribute('d', `${path}V${HEIGHT}H${first.toFixed(1)}Z`);
    setText(this.#top, this.#format.speed(scale));
    setAttribute(
      this.#drawing,
      'aria-label',
      this.#words('chartLabel', {
        now: this.#format.speed(last.speed),
        least: this.#format.speed(least),
        most: this.#format.speed(most),
      }),
    );
  }
}
