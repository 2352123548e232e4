import { h } from '../base/dom.ts';
import { icon } from '../base/icons.ts';

/** Lines below the toolbar with notes about the run, or about limitations of this window. */
export class Notes {
  readonly element = h('div', { id: 'notes' });
  readonly #lines = new Map<string, { line: HTMLElement; text: string }>();

  /** Shows a note. One line per key; undefined removes it. */
  set(key: string, text: string | undefined, kind: 'info' | 'warning' = 'info'): void {
    const shown = this.#lines.get(key);
    if (shown?.text === text) return;
    shown?.line.remove();
    this.#lines.delete(key);
    if (text === undefined || text === '') return;
    const line = h(
      'p',
      { role: 'status', class: kind, 'data-note': key },
      kind === 'warning' ? icon('warning') : undefined,
      h('span', {}, text),
    );
    this.#lines.set(key, { line, text });
    this.element.append(line);
  }
}
