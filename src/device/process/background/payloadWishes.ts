import type { SimulationControl } from '../../../protocol/control.ts';

/**
 * Who wants the payloads of a run that several windows watch. One that stops recording must not take them from another.
 */
export class PayloadWishes {
  readonly #windows = new Set<object>();

  /** Whether a control of a window is to be obeyed. */
  allows(control: SimulationControl, window: object): boolean {
    if (control.do !== 'payloads') return true;
    if (control.on) this.#windows.add(window);
    else this.#windows.delete(window);
    return control.on || this.#windows.size === 0;
  }

  /** Whether this window alone wanted them. */
  left(window: object): boolean {
    return this.#windows.delete(window) && this.#windows.size === 0;
  }
}
