import type { Units } from './units.ts';
import type { Words } from './words.ts';

const COMPASS_POINTS = 8;

/** Formats numbers and times in the editor's language, and figures in the units of the user. */
export class Format {
  readonly units: Units;
  readonly #words: Words;
  readonly #whole: Intl.NumberFormat;
  readonly #tenths: Intl.NumberFormat;
  readonly #upToTenths: Intl.NumberFormat;
  readonly #coordinate: Intl.NumberFormat;
  readonly #percent: Intl.NumberFormat;
  readonly #clock: Intl.DateTimeFormat;
  readonly #dateTime: Intl.DateTimeFormat;

  constructor(words: Words, locale: string, units: Units) {
    const supported = Intl.NumberFormat.supportedLocalesOf(locale)[0] ?? 'en';
    this.#words = words;
    this.units = units;
    this.#whole = new Intl.NumberFormat(supported, { maximumFractionDigits: 0 });
    this.#tenths = new Intl.NumberFormat(supported, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.#upToTenths = new Intl.NumberFormat(supported, { maximumFractionDigits: 1 });
    this.#coordinate = new Intl.NumberFormat(supported, {
      minimumFractionDigits: 5,
      maximumFractionDigits: 5,
    });
    this.#percent = new Intl.NumberFormat(supported, { style: 'percent', maximumFractionDigits: 0 });
    this.#dateTime = new Intl.DateTimeFormat(supported, { dateStyle: 'medium', timeStyle: 'short' });
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
    const { word, perMetreSecond } = this.units.speed;
    return this.#words(word, { value: this.#whole.format(metresPerSecond * perMetreSecond) });
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
    const { word, metres: unit } = this.units.distance;
    return this.#words(word, { value: this.#tenths.format(metres / unit) });
  }

  fuel(litres: number): string {
    const { word, litres: unit } = this.units.volume;
    return this.#words(word, { value: this.#tenths.format(litres / unit) });
  }

  /** A span of so many milliseconds, in the two units that matter. */
  duration(ms: number): string {
    const seconds = Math.round(ms / 1000);
    if (seconds < 60) return this.#words('seconds', { seconds: this.#whole.format(seconds) });
    const minutes = Math.round(seconds / 60);
    if (minutes < 60) return this.#words('minutes', { minutes: this.#whole.format(minutes) });
    return this.#words('hoursMinutes', {
      hours: this.#whole.format(Math.floor(minutes / 60)),
      minutes: this.#whole.format(minutes % 60),
    });
  }

  milliseconds(value: number): string {
    return this.#words('ms', { value: this.#whole.format(value) });
  }

  position(latitude: number, longitude: number): string {
    return `${this.#coordinate.format(latitude)}, ${this.#coordinate.format(longitude)}`;
  }

  /** The day and time of milliseconds since 1970; empty for an invalid date. */
  dateTime(value: number): string {
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? '' : this.#dateTime.format(date);
  }

  /** The time of day of milliseconds since 1970; empty for an invalid date. */
  time(value: number): string {
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? '' : this.#clock.format(date);
  }
}
