import type { MapState } from '../../protocol/map.ts';
import { h, setAttribute, setHidden, setText } from '../base/dom.ts';
import { findVehicles } from '../fleet/findVehicles.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { conditionOf, type Vehicle } from '../fleet/vehicle.ts';
import type { Format } from '../base/format.ts';
import { icon } from '../base/icons.ts';
import type { Palette } from '../map/palette.ts';
import type { Words } from '../base/words.ts';
import { columnsFor, sorted, type Column } from './columns.ts';
import { setInUse } from './focus.ts';
import { SymbolIcon } from './symbolIcon.ts';
import { MENU_CONTEXT, menuContext } from './vehicleMenu.ts';

const PAGE = 100;

export interface TableDeps {
  words: Words;
  format: Format;
  fleet: Fleet;
  palette: () => Palette;
  /** `toggle` is one more or one less; ids are those that are selected with it. */
  picked(id: string, how?: 'toggle' | readonly string[]): void;
  sorted(sort: MapState['sort']): void;
}

interface Row {
  element: HTMLTableRowElement;
  symbol: SymbolIcon;
  button: HTMLButtonElement;
  name: HTMLElement;
  cells: HTMLElement[];
  id: string;
}

/** The vehicles as a table: sortable, paged, usable with the keyboard and screen readers. */
export class VehicleTable {
  readonly element: HTMLElement;
  readonly #deps: TableDeps;
  readonly #caption = h('caption');
  readonly #head = h('tr');
  readonly #body = h('tbody');
  readonly #table: HTMLTableElement;
  readonly #empty = h('p', { class: 'table-empty', hidden: true });
  readonly #pager: HTMLElement;
  readonly #pageText = h('span');
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  #rows: Row[] = [];
  #columns: readonly Column[] = [];
  #sort: MapState['sort'];
  #search = '';
  #page = 0;
  #order: Vehicle[] = [];
  /** Where a selection of several began. */
  #anchor: string | undefined;

  constructor(deps: TableDeps, sort: MapState['sort'], search: string) {
    this.#deps = deps;
    this.#sort = sort;
    this.#search = search;
    const { words } = deps;
    const pageButton = (name: 'previous' | 'next', by: number): HTMLButtonElement => {
      const label = words(name === 'previous' ? 'previousPage' : 'nextPage');
      const button = h(
        'button',
        { type: 'button', class: 'icon-button', title: label, 'aria-label': label },
        icon(name),
      );
      button.addEventListener('click', () => this.#turnPage(by));
      return button;
    };
    this.#previous = pageButton('previous', -1);
    this.#next = pageButton('next', 1);
    this.#pager = h('nav', { class: 'pager', hidden: true }, this.#previous, this.#pageText, this.#next);
    this.#table = h('table', {}, this.#caption, h('thead', {}, this.#head), this.#body);
    this.element = h(
      'section',
      { id: 'table', hidden: true, 'aria-label': words('vehicles') },
      h('div', { class: 'table-frame' }, this.#table, this.#empty),
      this.#pager,
    );
    this.#body.addEventListener('keydown', (event) => this.#key(event));
    this.#body.addEventListener('click', (event) => {
      const { target } = event;
      const row = this.#rows.find(({ element }) => target instanceof Node && element.contains(target));
      if (row) this.#pick(row.id, event);
    });
  }

  /** As in every list: with Ctrl or Cmd one more or one less, with Shift all up to it. */
  #pick(id: string, { ctrlKey, metaKey, shiftKey }: MouseEvent | KeyboardEvent): void {
    if (shiftKey) {
      this.#deps.picked(id, this.#upTo(id));
      return;
    }
    this.#anchor = id;
    if (ctrlKey || metaKey) this.#deps.picked(id, 'toggle');
    else this.#deps.picked(id);
  }

  /** The ids from the vehicle that was selected last to this one, in the order of the table. */
  #upTo(id: string): string[] {
    const ids = this.#order.map((vehicle) => vehicle.id);
    const to = ids.indexOf(id);
    const last = ids.indexOf(this.#anchor ?? this.#deps.fleet.selectedId ?? id);
    const from = last < 0 ? to : last;
    this.#anchor = ids[from];
    return ids.slice(Math.min(from, to), Math.max(from, to) + 1);
  }

  search(text: string): void {
    this.#search = text;
    this.#page = 0;
    this.show(true);
  }

  /** While the focus is in the rows, somebody is reading them. Then values are updated, but rows are not reordered. */
  show(reorder = false): void {
    const { fleet, words, format } = this.#deps;
    this.#showColumns(columnsFor(fleet.scene?.source));
    const column = this.#columns.find(({ id }) => id === this.#sort.column) ?? this.#columns[0];
    if (column && (reorder || !this.#body.contains(document.activeElement))) {
      this.#order = sorted(findVehicles(fleet.vehicles, this.#search), column, this.#sort.descending);
    }
    const all = this.#order.length;
    const pages = Math.max(1, Math.ceil(all / PAGE));
    this.#page = Math.min(this.#page, pages - 1);
    const from = this.#page * PAGE;
    const shown = this.#order.slice(from, from + PAGE);
    this.#showRows(shown, from);
    setAttribute(this.#table, 'aria-rowcount', String(all + 1));
    const range = {
      from: format.count(all === 0 ? 0 : from + 1),
      to: format.count(from + shown.length),
      all: format.count(all),
    };
    setText(this.#caption, words('tableCaption', range));
    setText(this.#empty, words(fleet.vehicles.length === 0 ? 'waiting' : 'tableEmpty'));
    setHidden(this.#empty, all > 0);
    setHidden(this.#pager, pages < 2);
    setText(
      this.#pageText,
      words('pageOf', { page: format.count(this.#page + 1), pages: format.count(pages) }),
    );
    setInUse(this.#previous, this.#page > 0);
    setInUse(this.#next, this.#page < pages - 1);
  }

  /** Focuses a vehicle's row; otherwise the row that had the focus last, or the header. */
  focus(id: string | undefined): void {
    const shown = this.#rows.filter(({ element }) => !element.hidden);
    const row = shown.find((one) => one.id === id) ?? shown.find(({ button }) => button.tabIndex === 0);
    if (row) this.#reach(row);
    else this.#head.querySelector('button')?.focus();
  }

  /** Focuses a row and makes it the only one that Tab stops at. */
  #reach({ button }: Row): void {
    for (const row of this.#rows) row.button.tabIndex = -1;
    button.tabIndex = 0;
    button.focus();
  }

  #turnPage(by: number): void {
    this.#page = Math.max(0, this.#page + by);
    this.show(true);
    this.element.querySelector('.table-frame')?.scrollTo(0, 0);
  }

  #showColumns(columns: readonly Column[]): void {
    const { words } = this.#deps;
    if (this.#columns.map(({ id }) => id).join() !== columns.map(({ id }) => id).join()) {
      this.#columns = columns;
      this.#rows = [];
      this.#body.replaceChildren();
      this.#head.replaceChildren(
        ...columns.map((column) => {
          const button = h('button', { type: 'button' }, words(column.word));
          button.addEventListener('click', () => this.#sortBy(column));
          return h(
            'th',
            { scope: 'col', class: column.figure ? 'figure' : undefined, 'data-column': column.id },
            button,
          );
        }),
      );
    }
    for (const cell of this.#head.children) {
      const sortedBy = (cell as HTMLElement).dataset.column === this.#sort.column;
      if (sortedBy) setAttribute(cell, 'aria-sort', this.#sort.descending ? 'descending' : 'ascending');
      else cell.removeAttribute('aria-sort');
    }
  }

  #sortBy({ id }: Column): void {
    this.#sort = { column: id, descending: this.#sort.column === id && !this.#sort.descending };
    this.#page = 0;
    this.#deps.sorted(this.#sort);
    this.show(true);
  }

  #showRows(shown: readonly Vehicle[], from: number): void {
    while (this.#rows.length < shown.length) this.#addRow();
    const { words, format, palette, fleet } = this.#deps;
    this.#rows.forEach((row, i) => {
      const vehicle = shown[i];
      setHidden(row.element, vehicle === undefined);
      if (!vehicle) return;
      row.id = vehicle.id;
      setAttribute(row.element, 'aria-rowindex', String(from + i + 2));
      setAttribute(row.element, MENU_CONTEXT, menuContext(fleet, vehicle));
      setAttribute(row.element, 'aria-current', String(vehicle.id === fleet.selectedId));
      setAttribute(row.button, 'aria-pressed', String(fleet.isChosen(vehicle.id)));
      row.symbol.show(conditionOf(vehicle.now), palette());
      this.#columns.forEach((column, at) => {
        const cell = at === 0 ? row.name : row.cells[at - 1];
        if (cell) setText(cell, column.text(vehicle, words, format));
      });
    });
    if (!this.#rows.some(({ button, element }) => !element.hidden && button.tabIndex === 0)) {
      this.#rows.forEach(({ button }, i) => (button.tabIndex = i === 0 ? 0 : -1));
    }
  }

  #addRow(): void {
    const symbol = new SymbolIcon();
    const name = h('span');
    const button = h('button', { type: 'button', tabindex: -1 }, name);
    const cells = this.#columns
      .slice(1)
      .map(({ figure }) => h('td', { class: figure ? 'figure' : undefined }));
    const element = h('tr', {}, h('th', { scope: 'row' }, symbol.element, button), ...cells);
    this.#rows.push({ element, symbol, button, name, cells, id: '' });
    this.#body.append(element);
  }

  #key(event: KeyboardEvent): void {
    const shown = this.#rows.filter(({ element }) => !element.hidden);
    const at = shown.findIndex(({ button }) => button === document.activeElement);
    if (at < 0) return;
    const last = shown.length - 1;
    const more = event.ctrlKey || event.metaKey;
    if (more && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      const ids = this.#order.map(({ id }) => id);
      this.#deps.picked(shown[at]?.id ?? '', ids);
      return;
    }
    if (more && (event.key === ' ' || event.key === 'Enter')) {
      event.preventDefault();
      this.#pick(shown[at]?.id ?? '', event);
      return;
    }
    let to: number | undefined;
    if (event.key === 'ArrowDown') to = Math.min(last, at + 1);
    else if (event.key === 'ArrowUp') to = Math.max(0, at - 1);
    else if (event.key === 'Home') to = 0;
    else if (event.key === 'End') to = last;
    else if (event.key === 'PageDown' || event.key === 'PageUp') {
      const button = event.key === 'PageDown' ? this.#next : this.#previous;
      if (!button.disabled) this.#turnPage(event.key === 'PageDown' ? 1 : -1);
      to = 0;
    }
    if (to === undefined) return;
    event.preventDefault();
    const target = shown[to];
    if (!target) return;
    this.#reach(target);
    if (event.shiftKey) this.#pick(target.id, event);
  }
}
