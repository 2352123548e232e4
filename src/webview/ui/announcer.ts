import { visible } from '../../core/foreignText.ts';
import { h, setText } from '../base/dom.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { conditionOf, conditions, type Condition, type Vehicle } from '../fleet/vehicle.ts';
import { atMostEvery } from '../base/frames.ts';
import type { Format } from '../base/format.ts';
import type { Words } from '../base/words.ts';
import { conditionText } from './conditionText.ts';

/** The shortest interval between summaries of the fleet. */
const SUMMARY_MS = 6000;

/** Announces changes to screen readers: the user's own at once, those of the fleet from time to time. */
export class Announcer {
  readonly element: HTMLElement;
  readonly #announcement = h('p', { role: 'status' });
  readonly #summary = h('p', { role: 'status', id: 'summary' });
  readonly #words: Words;
  readonly #format: Format;
  readonly #fleet: Fleet;
  readonly changed: () => void;

  constructor(words: Words, format: Format, fleet: Fleet) {
    this.#words = words;
    this.#format = format;
    this.#fleet = fleet;
    this.element = h('div', { class: 'unseen' }, this.#announcement, this.#summary);
    this.changed = atMostEvery(SUMMARY_MS, () => {
      setText(this.#summary, this.#summaryText());
    });
  }

  announce(text: string): void {
    // The same words once more are said once more.
    this.#announcement.textContent = visible(text);
  }

  selected(id: string | undefined, vehicle: Vehicle | undefined): void {
    if (id === undefined) {
      this.announce(this.#words('sayCleared'));
      return;
    }
    const place = vehicle?.now.place;
    const phase = vehicle ? conditionText(this.#words, conditionOf(vehicle.now)) : '';
    const { speed: known, latitude, longitude } = place ?? {};
    const speed =
      known !== undefined
        ? this.#format.speed(known)
        : latitude !== undefined && longitude !== undefined
          ? this.#format.position(latitude, longitude)
          : this.#words('noPosition');
    this.announce(this.#words('saySelected', { vin: vehicle?.vin ?? id, phase, speed }));
  }

  /** So many are selected together. */
  chosen(count: number): void {
    this.announce(
      count === 0
        ? this.#words('sayCleared')
        : this.#words('sayChosen', { count: this.#format.count(count) }),
    );
  }

  #summaryText(): string {
    const counts = new Map<Condition, number>();
    for (const { now } of this.#fleet.vehicles) {
      const condition = conditionOf(now);
      counts.set(condition, (counts.get(condition) ?? 0) + 1);
    }
    const { length } = this.#fleet.vehicles;
    if (length === 0) return '';
    const of = conditions
      .filter((condition) => counts.has(condition))
      .map((condition) =>
        this.#words('sayPhase', {
          count: this.#format.count(counts.get(condition) ?? 0),
          phase: conditionText(this.#words, condition),
        }),
      );
    const whole =
      length === 1
        ? this.#words('sayVehicle')
        : this.#words('sayVehicles', { count: this.#format.count(length) });
    return [whole, ...of].join(', ');
  }
}
