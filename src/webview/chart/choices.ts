import { h, setHidden, setText } from '../base/dom.ts';
import type { Words } from '../base/words.ts';

/** Fewer are found at a glance. */
const WITH_FILTER = 9;
/** More boxes at once would only cost; the filter finds the rest. */
const MOST_SHOWN = 200;

interface Choice {
  key: string;
  label: string;
}

interface Box {
  row: HTMLElement;
  input: HTMLInputElement;
  mark: HTMLElement;
  text: HTMLElement;
}

/** A list to check some of, with a filter when it is long. Boxes stay the same elements, so that the focus stays. */
export class Choices {
  readonly element: HTMLFieldSetElement;
  readonly #most: number;
  readonly #changed: (chosen: string[]) => void;
  readonly #filter: HTMLInputElement;
  readonly #list = h('div', { class: 'choices' });
  readonly #hint: HTMLElement;
  readonly #boxes = new Map<string, Box>();
  readonly #markOf: (place: number | undefined) => Node | undefined;
  readonly #words: Words;
  #all: readonly Choice[] = [];
  #chosen: readonly string[] = [];

  constructor(options: {
    words: Words;
    legend: string;
    filter: string;
    most: number;
    /** What stands before one that is chosen, by its place among those; undefined for the others. */
    markOf: (place: number | undefined) => Node | undefined;
    changed: (chosen: string[]) => void;
  }) {
    const { words, legend, filter, most } = options;
    this.#words = words;
    this.#most = most;
    this.#changed = options.changed;
    this.#markOf = options.markOf;
    this.#filter = h('input', { type: 'text', placeholder: filter, 'aria-label': filter });
    this.#filter.addEventListener('input', () => this.#draw());
    this.#hint = h('p', { class: 'hint', role: 'status' });
    this.element = h('fieldset', {}, h('legend', {}, legend), this.#filter, this.#list, this.#hint);
  }

  show(all: readonly Choice[], chosen: readonly string[]): void {
    this.#all = all;
    this.#chosen = chosen;
    this.#draw();
  }

  #draw(): void {
    setHidden(this.#filter, this.#all.length < WITH_FILTER);
    const wanted = this.#filter.hidden ? '' : this.#filter.value.trim().toLowerCase();
    const fits = this.#all.filter(
      ({ key, label }) => label.toLowerCase().includes(wanted) || key.toLowerCase().includes(wanted),
    );
    // What is drawn stays in reach, whatever the filter says.
    const shown = [
      ...this.#all.filter(({ key }) => this.#chosen.includes(key)),
      ...fits.filter(({ key }) => !this.#chosen.includes(key)),
    ].slice(0, MOST_SHOWN);
    const keep = new Set(shown.map(({ key }) => key));
    for (const [key, { row }] of this.#boxes) {
      if (keep.has(key)) continue;
      row.remove();
      this.#boxes.delete(key);
    }
    const isFull = this.#chosen.length >= this.#most;
    shown.forEach((choice, i) => {
      const { row, input, mark, text } = this.#boxOf(choice);
      const place = this.#chosen.indexOf(choice.key);
      const isOn = place >= 0;
      if (input.checked !== isOn) input.checked = isOn;
      input.disabled = isFull && !isOn;
      const drawn = this.#markOf(isOn ? place : undefined);
      mark.replaceChildren(...(drawn === undefined ? [] : [drawn]));
      setText(text, choice.label);
      // Moving an element takes the focus from it.
      if (!isFocused(row) && this.#list.children[i] !== row) {
        this.#list.insertBefore(row, this.#list.children[i] ?? null);
      }
    });
    const left = this.#all.length - shown.length;
    setText(
      this.#hint,
      isFull
        ? this.#words('plotMost', { count: this.#most })
        : left > 0 && fits.length > shown.length
          ? this.#words('searchMore', { count: left })
          : '',
    );
  }

  #boxOf({ key, label }: Choice): Box {
    const known = this.#boxes.get(key);
    if (known !== undefined) return known;
    const input = h('input', { type: 'checkbox' });
    input.addEventListener('change', () => {
      const others = this.#chosen.filter((each) => each !== key);
      this.#changed(input.checked ? [...others, key] : others);
    });
    const mark = h('span', { class: 'mark', 'aria-hidden': 'true' });
    const text = h('span', { class: 'name' }, label);
    const row = h('label', { title: label }, input, mark, text);
    const box = { row, input, mark, text };
    this.#boxes.set(key, box);
    return box;
  }
}

function isFocused(row: HTMLElement): boolean {
  return row.contains(document.activeElement);
}
