import { h, setAttribute, setHidden, setText } from '../base/dom.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Words } from '../base/words.ts';

/** The message in the middle of an empty map: why it is empty, and what will happen. */
export class EmptyState {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #text = h('p', { class: 'empty-text' });
  readonly #hint = h('p', { class: 'empty-hint' });

  constructor(words: Words) {
    this.#words = words;
    this.element = h('div', { id: 'empty', hidden: true }, this.#text, this.#hint);
  }

  /** `placed`: whether any vehicle has a position. */
  show(loading: boolean, { scene, run }: Fleet, placed: boolean): void {
    const words = this.#words;
    if (loading) {
      this.#showMessage(words('loading'), '', true);
    } else if (placed || !scene || scene.source === 'route') {
      this.#showMessage(undefined, '', false);
    } else if (run?.state === 'ended' || run?.state === 'failed') {
      this.#showMessage(words('noPositions'), '', false);
    } else {
      this.#showMessage(
        words('waiting'),
        words(scene.source === 'watch' ? 'waitingWatch' : 'waitingHint'),
        true,
      );
    }
  }

  #showMessage(text: string | undefined, hint: string, busy: boolean): void {
    setHidden(this.element, text === undefined);
    setText(this.#text, text ?? '');
    setText(this.#hint, hint);
    setAttribute(this.element, 'data-busy', String(busy));
  }
}
