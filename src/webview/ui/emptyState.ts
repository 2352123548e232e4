import { h, setAttribute, setHidden, setText } from '../base/dom.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Words } from '../base/words.ts';

/** In the middle of a map that has nothing to show yet: why, and what will happen. */
export class EmptyState {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #text = h('p', { class: 'empty-text' });
  readonly #hint = h('p', { class: 'empty-hint' });

  constructor(words: Words) {
    this.#words = words;
    this.element = h('div', { id: 'empty', hidden: true }, this.#text, this.#hint);
  }

  /** `placed`: some vehicle has a position. */
  show(loading: boolean, { scene, run }: Fleet, placed: boolean): void {
    const words = this.#words;
    if (loading) {
      this.#say(words('loading'), '', true);
    } else if (placed || !scene || scene.source === 'route') {
      this.#say(undefined, '', false);
    } else if (run?.state === 'ended' || run?.state === 'failed') {
      this.#say(words('noPositions'), '', false);
    } else {
      this.#say(words('waiting'), words(scene.source === 'watch' ? 'waitingWatch' : 'waitingHint'), true);
    }
  }

  #say(text: string | undefined, hint: string, busy: boolean): void {
    setHidden(this.element, text === undefined);
    setText(this.#text, text ?? '');
    setText(this.#hint, hint);
    setAttribute(this.element, 'data-busy', String(busy));
  }
}
