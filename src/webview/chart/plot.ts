import uPlot from 'uplot';
import type { Look } from './look.ts';
import type { Signal } from './signals.ts';

/** Milliseconds since 1970. */
export type TimeRange = readonly [from: number, to: number];

/** A moment worth a line of its own, such as that of a trouble code. */
export interface Moment {
  time: number;
  label: string;
}

export interface PlotEvents {
  /** The pointer is at a moment, or at none. */
  pointed(time: number | undefined): void;
  /** A part was dragged over, or all is wanted again. */
  zoomed(range: TimeRange | undefined): void;
  time(ms: number): string;
  value(value: number, digits: number): string;
}

const SHORTEST_DRAG = 4;

/** One signal of several vehicles over time. */
export class Plot {
  readonly #plot: uPlot;
  readonly #moments: { of: readonly Moment[] } = { of: [] };
  #cursor: number | undefined;

  constructor(
    place: HTMLElement,
    options: { signal: Signal; look: Look; vehicles: number; width: number; height: number },
    events: PlotEvents,
  ) {
    const { signal, look, vehicles, width, height } = options;
    const axis = {
      stroke: look.text,
      font: look.font,
      grid: { stroke: look.grid, width: 1, dash: look.gridDash },
      ticks: { stroke: look.grid, width: 1 },
    };
    this.#plot = new uPlot(
      {
        ...{ width, height, ms: 1 },
        // Half of the last time stands beside the plot.
        padding: [10, 44, 0, 0],
        legend: { show: false },
        scales: { x: { time: true } },
        axes: [
          {
            ...axis,
            space: 100,
            size: 36,
            values: (_plot, splits) => splits.map((split) => events.time(split)),
          },
          {
            ...axis,
            // All plots begin at the same place.
            size: 70,
            values: (_plot, splits) => splits.map((split) => events.value(split, signal.digits)),
          },
        ],
        series: [
          {},
          ...Array.from({ length: vehicles }, (_, i) => {
            const { color, dash } = look.lines[i] ?? { color: look.text, dash: [] };
            return {
              stroke: color,
              width: 2,
              pxAlign: 0,
              dash,
              points: { size: 5, stroke: color, fill: color },
            };
          }),
        ],
        cursor: {
          y: false,
          drag: { x: true, y: false, setScale: false },
          bind: {
            dblclick: () => () => {
              events.zoomed(undefined);
              return null;
            },
          },
        },
        hooks: {
          setCursor: [
            ({ cursor: { left = -1 } }) =>
              events.pointed(left < 0 ? undefined : this.#plot.posToVal(left, 'x')),
          ],
          setSelect: [
            (plot) => {
              const { left, width: dragged } = plot.select;
              if (dragged < SHORTEST_DRAG) return;
              const range = [plot.posToVal(left, 'x'), plot.posToVal(left + dragged, 'x')] as const;
              plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              events.zoomed(range);
            },
          ],
          draw: [
            (plot) => {
              drawMoments(plot, this.#moments.of, look);
              this.#place();
            },
          ],
        },
      },
      [[], ...Array.from({ length: vehicles }, () => [])],
      place,
    );
  }

  /** @param columns of each vehicle, in the unit of the signal, at those times */
  show(data: uPlot.AlignedData, range: TimeRange | undefined, moments: readonly Moment[]): void {
    this.#moments.of = moments;
    this.#plot.batch(() => {
      this.#plot.setData(data, range === undefined);
      if (range !== undefined) this.#plot.setScale('x', { min: range[0], max: range[1] });
    });
  }

  /** Where the line of the cursor is; undefined without one. */
  set cursor(time: number | undefined) {
    this.#cursor = time;
    this.#place();
  }

  resize(width: number, height: number): void {
    if (width !== this.#plot.width || height !== this.#plot.height) this.#plot.setSize({ width, height });
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #place(): void {
    const time = this.#cursor;
    const { min, max } = this.#plot.scales.x ?? {};
    const isSeen = time !== undefined && min != null && max != null && time >= min && time <= max;
    this.#plot.setCursor({ left: isSeen ? this.#plot.valToPos(time, 'x') : -10, top: 0 }, false);
  }
}

function drawMoments(plot: uPlot, moments: readonly Moment[], look: Look): void {
  const { ctx, bbox, scales } = plot;
  const { min, max } = scales.x ?? {};
  if (min == null || max == null) return;
  ctx.save();
  ctx.strokeStyle = look.text;
  ctx.fillStyle = look.text;
  ctx.lineWidth = devicePixelRatio;
  ctx.font = look.font.replace(/^\d+px/, `${Math.round(11 * devicePixelRatio)}px`);
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { time, label } of moments) {
    if (time < min || time > max) continue;
    const x = Math.round(plot.valToPos(time, 'x', true));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const { width } = ctx.measureText(label);
    const isCutOff = x + width + 6 > bbox.left + bbox.width;
    ctx.fillText(label, isCutOff ? x - width - 4 : x + 4, bbox.top + 11 * devicePixelRatio);
  }
  ctx.restore();
}

/** The values of vehicles at all of their times together. */
export const joined = (tables: uPlot.AlignedData[]): uPlot.AlignedData =>
  tables.length === 0 ? [[]] : uPlot.join(tables);
