import { h, setAttribute, setHidden, setText } from '../base/dom.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { findVehicles } from '../fleet/findVehicles.ts';
import { conditionOf, type Vehicle } from '../fleet/vehicle.ts';
import type { Format } from '../base/format.ts';
import { icon } from '../base/icons.ts';
import type { Palette } from '../map/palette.ts';
import type { Words } from '../base/words.ts';
import { conditionText } from './conditionText.ts';
import { SymbolIcon } from './symbolIcon.ts';

const MOST_SHOWN = 50;

export interface SearchDeps {
  words: Words;
  format: Format;
  fleet: Fleet;
  palette: () => Palette;
  changed(text: string): void;
  picked(id: string): void;
  announce(text: string): void;
}

/** Finds a vehicle by its VIN. A combobox with a list, according to the ARIA practices. */
export class Search {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #list: HTMLElement;
  readonly #none = h('p', { class: 'none', hidden: true });
  readonly #more = h('p', { class: 'more', hidden: true });
  readonly #popup: HTMLElement;
  readonly #deps: SearchDeps;
  #found: Vehicle[] = [];
  #active = -1;

  constructor(deps: SearchDeps, text: string) {
    this.#deps = deps;
    const { words } = deps;
    this.#list = h('ul', { id: 'found', role: 'listbox', 'aria-label': words('vehicles') });
    this.#input = h('input', {
      id: 'search',
      type: 'text',
      role: 'combobox',
      placeholder: words('search'),
      'aria-label': words('search'),
      'aria-expanded': 'false',
      'aria-controls': 'found',
      'aria-autocomplete': 'list',
      autocomplete: 'off',
      spellcheck: 'false',
    });
    this.#input.value = text;
    this.#popup = h('div', { class: 'popup', hidden: true }, this.#list, this.#none, this.#more);
    this.element = h('div', { class: 'search' }, icon('search'), this.#input, this.#popup);
    this.#input.addEventListener('input', () => {
      deps.changed(this.#input.value);
      this.#open(true);
    });
    this.#input.addEventListener('click', () => this.#open());
    this.#input.addEventListener('keydown', (event) => this.#key(event));
    this.#input.addEventListener('blur', () => this.#close());
    // Otherwise the press would move the focus, which closes the list before the click arrives.
    this.#popup.addEventListener('pointerdown', (event) => event.preventDefault());
    this.#list.addEventListener('click', ({ target }) => {
      const option = target instanceof Element ? target.closest('[role=option]') : null;
      this.#pick(this.#found[[...this.#list.children].findIndex((child) => child === option)]);
    });
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  #key(event: KeyboardEvent): void {
    const shown = !this.#popup.hidden;
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        event.preventDefault();
        if (!shown) this.#open();
        const step = event.key === 'ArrowDown' ? 1 : -1;
        const count = this.#found.length;
        if (count > 0)
          this.#activate((this.#active + step + (this.#active < 0 && step < 0 ? 1 : 0) + count) % count);
        return;
      }
      case 'Enter':
        event.preventDefault();
        {
          this.#pick(this.#found[Math.max(0, this.#active)]);
          return;
        }
      case 'Escape':
        if (shown) {
          this.#close();
          return;
        }
        this.#input.value = '';
        {
          this.#deps.changed('');
          return;
        }
    }
  }

  #open(announce = false): void {
    const { words, fleet, format, palette } = this.#deps;
    const all = findVehicles(fleet.vehicles, this.#input.value);
    this.#found = all.slice(0, MOST_SHOWN);
    this.#list.replaceChildren(
      ...this.#found.map((vehicle, i) => {
        const symbol = new SymbolIcon();
        const condition = conditionOf(vehicle.now);
        symbol.show(condition, palette());
        return h(
          'li',
          { id: `found-${i}`, role: 'option', 'aria-selected': 'false' },
          symbol.element,
          h('span', { class: 'found-vin' }, vehicle.vin),
          h('span', { class: 'found-state' }, conditionText(words, condition)),
        );
      }),
    );
    const none = all.length === 0;
    const text = none
      ? words('searchEmpty', { text: this.#input.value.trim() })
      : words('searchCount', { count: format.count(all.length) });
    setText(this.#none, text);
    setHidden(this.#none, !none);
    setHidden(this.#list, none);
    setHidden(this.#more, all.length <= MOST_SHOWN);
    setText(this.#more, words('searchMore', { count: format.count(all.length - MOST_SHOWN) }));
    if (announce) this.#deps.announce(text);
    setHidden(this.#popup, fleet.vehicles.length === 0);
    setAttribute(this.#input, 'aria-expanded', String(!this.#popup.hidden));
    this.#activate(-1);
  }

  #close(): void {
    this.#popup.hidden = true;
    this.#active = -1;
    this.#input.removeAttribute('aria-activedescendant');
    setAttribute(this.#input, 'aria-expanded', 'false');
  }

  #activate(index: number): void {
    this.#list.children[this.#active]?.setAttribute('aria-selected', 'false');
    this.#active = index;
    const option = this.#list.children[index];
    if (!option) {
      this.#input.removeAttribute('aria-activedescendant');
      return;
    }
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    this.#input.setAttribute('aria-activedescendant', option.id);
  }

  #pick(vehicle: Vehicle | undefined): void {
    if (!vehicle || this.#popup.hidden) return;
    this.#close();
    this.#deps.picked(vehicle.id);
  }
}
