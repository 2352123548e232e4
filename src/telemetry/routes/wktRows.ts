import { defined } from '../../core/defined.ts';
import { l10n } from '../../core/message.ts';
import type { RoutePoint } from '../drive.ts';
import type { Collector } from './collector.ts';
import type { LeftOut } from './leftOut.ts';
import { numberOf } from './numbers.ts';
import { routeInvalid, type Where } from './routeInvalid.ts';
import type { RowTime } from './timeColumns.ts';

interface Row {
  kind: string;
  /** What stands in the outer brackets. */
  inner: string;
  name: string | undefined;
  time: RowTime | undefined;
  where: Where;
}

const LEFT_OUT: Readonly<Record<string, LeftOut>> = {
  MULTIPOINT: 'point',
  POLYGON: 'area',
  MULTIPOLYGON: 'area',
};
const GEOMETRY = /^(?:SRID=\d{1,9};)?\s*([A-Z]{1,20})(?:\s+(?:ZM|Z|M))?\s*(?:EMPTY|\(([^]*)\))$/i;

/**
 * Shapes as text in a column of a CSV, as Google My Maps exports them: a shape a row, longitude first. Lines are
 * routes; where there are none, the points in their order are one. Source: OGC 06-103r4, 7 (well-known text).
 */
export class WktRows {
  readonly #file: string;
  readonly #collector: Collector;
  /** Kept until all are there, for a long line is read in turns. */
  readonly #rows: Row[] = [];
  #hasLines = false;

  constructor(file: string, collector: Collector) {
    this.#file = file;
    this.#collector = collector;
  }

  /** @param time of a point */
  add(text: string, name: string | undefined, time: RowTime | undefined, line: number): void {
    const where = { line, element: 'WKT' };
    const [, kind = '', inner = ''] = GEOMETRY.exec(text) ?? [];
    const row = { kind: kind.toUpperCase(), inner, name, time, where };
    if (row.kind === 'LINESTRING' || row.kind === 'MULTILINESTRING') this.#hasLines = true;
    else if (row.kind !== 'POINT' && LEFT_OUT[row.kind] === undefined)
      throw routeInvalid(
        this.#file,
        l10n.t('"{text}" is not a point, line or area', { text: text.slice(0, 40) }),
        where,
      );
    this.#collector.keep(where);
    this.#rows.push(row);
  }

  /** Hands on what there is to drive. */
  async finish(): Promise<void> {
    for (const { kind, inner, name, time, where } of this.#rows) {
      switch (kind) {
        case 'LINESTRING':
          await this.#line(inner, where);
          this.#collector.endFeature(name);
          break;
        case 'MULTILINESTRING':
          for (const [, line = ''] of inner.matchAll(/\(([^()]*)\)/g)) await this.#line(line, where);
          this.#collector.endFeature(name);
          break;
        case 'POINT':
          if (this.#hasLines) this.#collector.leaveOut('point');
          else await this.#points(inner, where, time);
          break;
        default:
          this.#collector.leaveOut(LEFT_OUT[kind] ?? 'point');
      }
    }
    if (!this.#hasLines)
      this.#collector.note(l10n.t('There are no lines, so the points are driven in order.'));
  }

  async #line(inner: string, where: Where): Promise<void> {
    this.#collector.beginPart();
    await this.#points(inner, where);
  }

  #points(inner: string, where: Where, time?: RowTime): Promise<void> {
    return this.#collector.turns.each(inner.matchAll(/[^,]+/g), ([text]) => {
      this.#collector.add(this.#point(text, where), where, time);
    });
  }

  #point(text: string, where: Where): RoutePoint {
    const [longitude = NaN, latitude = NaN, altitude] = text.trim().split(/\s+/, 3).map(numberOf);
    if (Number.isNaN(longitude + latitude)) {
      throw routeInvalid(
        this.#file,
        l10n.t('"{text}" is not a longitude and latitude pair', { text: text.trim().slice(0, 40) }),
        where,
      );
    }
    return { latitude, longitude, ...defined({ altitude }) };
  }
}
