import type { Words } from './words.ts';

const COMPASS_POINTS = 8;

/** Formats numbers and times in the editor's language. */
export class Format {
  readonly #words: Words;
  readonly #whole: Intl.NumberFormat;
  readonly #tenths: Intl.NumberFormat;
  readonly #upToTenths: Intl.NumberFormat;
  readonly #coordinate: Intl.NumberFormat;
  readonly #percent: Intl.NumberFormat;
  readonly #clock: Intl.DateTimeFormat;

  constructor(words: Words, locale: string) {
    const supported = Intl.NumberFormat.supportedLocalesOf(locale)[0] ?? 'en';
    this.#words = words;
    this.#whole = new Intl.NumberFormat(supported, { maximumFractionDigits: 0 });
    this.#tenths = new Intl.NumberFormat(supported, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.#upToTenths = new Intl.NumberFormat(supported, { maximumFractionDigits: 1 });
    this.#coordinate = new Intl.NumberFormat(supported, {
      minimumFractionDigits: 5,
      maximumFractionDigits: 5,
    });
    this.#percent = new Intl.NumberFormat(supported, { style: 'percent', maximumFractionDigits: 0 });
    this.#clock = new Intl.DateTimeFormat(supported, { timeStyle: 'medium' });
  }

  count(value: number): string {
    return this.#whole.format(value);
  }

  /** With one decimal place below ten. */
  rate(value: number): string {
    return value < 10 ? this.#tenths.format(value) : this.#whole.format(value);
  }

  /** With at most one decimal place. */
  factor(value: number): string {
    return this.#upToTenths.format(value);
  }

  percent(fraction: number): string {
    return this.#percent.format(fraction);
  }

  /** From meters per second. */
  speed(metresPerSecond: number): string {
    return this.#words('kmh', { value: this.#whole.format(metresPerSecond * 3.6) });
  }

  /** From degrees clockwise from north. */
  heading(degrees: number): string {
    const turned = ((degrees % 360) + 360) % 360;
    const points = this.#words('compass').split(' ');
    const point = points[Math.round((turned / 360) * COMPASS_POINTS) % COMPASS_POINTS] ?? '';
    return this.#words('headingValue', { degrees: this.#whole.format(Math.round(turned) % 360), point });
  }

  /** From meters. */
  distance(metres: number): string {
    return this.#words('km', { value: this.#tenths.format(metres / 1000) });
  }

  fuel(litres: number): string {
    return this.#words('litres', { value: this.#tenths.format(litres) });
  }

  milliseconds(value: number): string {
    return this.#words('ms', { value: this.#whole.format(value) });
  }

  position(latitude: number, longitude: number): string {
    return `${this.#coordinate.format(latitude)}, ${this.#coordinate.format(longitude)}`;
  }

  /** The time of day of milliseconds since 1970; empty for an invalid date. */
  time(value: number): string {
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? '' : this.#clock.format(date);
  }
}
