import { h, setAttribute, setText } from '../base/dom.ts';

/** How long the slider stays where the user put it, until the run has followed. */
const HELD_MS = 1500;

/** A slider that follows the run, except while the user moves it. */
export class HeldSlider {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  /** Not an `output`, because screen readers would read each change, and this changes constantly during a drive. */
  readonly #shown = h('span', { class: 'value' });
  readonly #text: (value: number) => string;
  #held = false;
  #until = -Infinity;

  constructor(options: {
    name: string;
    label: string;
    most: number;
    /** The text for a value that the user is about to choose. */
    text(value: number): string;
    chosen(value: number): void;
  }) {
    this.#text = (value) => options.text(value);
    this.#input = h('input', {
      type: 'range',
      name: options.name,
      min: 0,
      max: options.most,
      step: 1,
      'aria-label': options.label,
    });
    this.element = h(
      'label',
      { class: 'slider', title: options.label },
      h('span', {}, options.label),
      this.#input,
      this.#shown,
    );
    this.#input.addEventListener('input', () => {
      this.#held = true;
      this.#showText(this.#text(this.#value()));
    });
    this.#input.addEventListener('change', () => {
      this.#held = false;
      this.#until = performance.now() + HELD_MS;
      options.chosen(this.#value());
    });
    this.#input.addEventListener('blur', () => (this.#held = false));
  }

  #value(): number {
    return Number(this.#input.value);
  }

  #showText(text: string): void {
    setText(this.#shown, text);
    setAttribute(this.#input, 'aria-valuetext', text);
  }

  show(value: number, text: string): void {
    if (this.#held || performance.now() < this.#until) return;
    if (this.#value() !== value) this.#input.value = String(value);
    this.#showText(text);
  }
}
