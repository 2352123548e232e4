import { h } from '../base/dom.ts';
import type { Condition } from '../fleet/vehicle.ts';
import type { Palette } from '../map/palette.ts';
import { drawSymbol, SYMBOL_SIZE } from '../map/symbols.ts';

/** The map's symbol for a condition, for legends and lists. The text next to it has the same meaning. */
export class SymbolIcon {
  readonly element = h('canvas', {
    class: 'symbol',
    width: SYMBOL_SIZE * 2,
    height: SYMBOL_SIZE * 2,
    'aria-hidden': 'true',
  });
  #shown = '';

  show(condition: Condition, palette: Palette): void {
    const key = `${condition} ${palette.vehicle[condition]} ${palette.symbolEdge}`;
    if (key === this.#shown) return;
    this.#shown = key;
    const context = this.element.getContext('2d');
    if (!context) return;
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.clearRect(0, 0, SYMBOL_SIZE, SYMBOL_SIZE);
    drawSymbol(context, condition, palette);
  }
}
