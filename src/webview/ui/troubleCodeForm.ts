import { troubleCodeSchema } from '../../protocol/control.ts';
import { commonTroubleCodes } from '../../protocol/mapWords.ts';
import { h, setAttribute, setHidden, setText } from '../base/dom.ts';
import { icon } from '../base/icons.ts';
import type { Words } from '../base/words.ts';

/** Asks for a trouble code: one of the list, or any other. */
export class TroubleCodeForm {
  readonly element: HTMLFormElement;
  readonly #words: Words;
  readonly #input: HTMLInputElement;
  readonly #send: HTMLButtonElement;
  readonly #error = h('p', { id: 'code-error', class: 'input-error', role: 'alert', hidden: true });

  /** @param chosen gets only what is a trouble code */
  constructor(words: Words, chosen: (code: string) => void) {
    this.#words = words;
    this.#input = h('input', {
      type: 'text',
      name: 'code',
      size: 7,
      maxlength: 5,
      list: 'codes',
      placeholder: 'P0217',
      spellcheck: 'false',
      autocomplete: 'off',
      'aria-describedby': 'code-error',
    });
    this.#send = h('button', { type: 'submit', class: 'secondary' }, icon('warning'), words('sendDtc'));
    this.element = h(
      'form',
      { 'data-steer': 'dtc', novalidate: true },
      h('label', {}, h('span', {}, words('dtcCode')), this.#input),
      h(
        'datalist',
        { id: 'codes' },
        ...commonTroubleCodes.map((code) => h('option', { value: code }, words(`code${code}`))),
      ),
      this.#send,
      this.#error,
    );
    this.#input.addEventListener('input', () => this.#wrong(false));
    this.#input.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.clear();
    });
    // Left, it would cover what is above it for as long as the page is open.
    this.element.addEventListener('focusout', ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node) || !this.element.contains(relatedTarget)) this.#wrong(false);
    });
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      const code = troubleCodeSchema.safeParse(this.#input.value.trim().toUpperCase());
      this.#wrong(!code.success);
      if (code.success) {
        chosen(code.data);
        this.#input.value = '';
      } else {
        this.#input.focus();
      }
    });
  }

  /** @param scope the vehicles that report it, in words */
  show(shown: boolean, inUse: boolean, scope: string): void {
    setHidden(this.element, !shown);
    setAttribute(this.#send, 'title', this.#words('dtcOf', { scope }));
    // Nothing can be sent any more, so nothing about it is wrong.
    if (!shown || !inUse) this.clear();
  }

  clear(): void {
    if (this.#input.value !== '') this.#input.value = '';
    this.#wrong(false);
  }

  #wrong(wrong: boolean): void {
    setText(this.#error, wrong ? this.#words('dtcWrong') : '');
    setHidden(this.#error, !wrong);
    setAttribute(this.#input, 'aria-invalid', String(wrong));
  }
}
