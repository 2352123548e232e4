import { h, setAttribute, setHidden, setText } from '../dom.ts';

/** In the middle of a map that has nothing to show yet. */
export class EmptyState {
  readonly element: HTMLElement;
  readonly #text = h('p', { class: 'empty-text' });
  readonly #hint = h('p', { class: 'empty-hint' });

  constructor() {
    this.element = h('div', { id: 'empty', hidden: true }, this.#text, this.#hint);
  }

  show(text: string | undefined, hint: string, busy: boolean): void {
    setHidden(this.element, text === undefined);
    setText(this.#text, text ?? '');
    setText(this.#hint, hint);
    setAttribute(this.element, 'data-busy', String(busy));
  }
}
