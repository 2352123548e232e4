import { svg } from '../base/dom.ts';

/** How charts are drawn in the theme of the editor, as CSS colors. */
export interface Look {
  text: string;
  grid: string;
  gridDash: number[];
  cursor: string;
  font: string;
  lines: readonly Line[];
}

export interface Line {
  color: string;
  /** Of a line that is told from others without its color, too; empty for a whole one. */
  dash: number[];
}

const DASHES: readonly number[][] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [1, 5]];
const COLORS: readonly (readonly [name: string, otherwise: string])[] = [
  ['blue', '#3794ff'],
  ['orange', '#d18616'],
  ['green', '#89d185'],
  ['purple', '#b180d7'],
  ['red', '#f14c4c'],
  ['yellow', '#cca700'],
];

/** Reads the theme of the page. In high contrast and forced colors lines differ by their dashes, too. */
export function readLook(): Look {
  const style = getComputedStyle(document.body);
  const color = (name: string, otherwise: string): string =>
    style.getPropertyValue(`--vscode-${name}`).trim() || otherwise;
  const font = `12px ${style.fontFamily || 'sans-serif'}`;
  if (matchMedia('(forced-colors: active)').matches) {
    const colors = ['CanvasText', 'LinkText', 'Highlight', 'CanvasText', 'LinkText', 'Highlight'];
    const lines = colors.map((each, i) => ({ color: each, dash: DASHES[i] ?? [] }));
    return { text: 'CanvasText', grid: 'GrayText', gridDash: [1, 4], cursor: 'Highlight', font, lines };
  }
  const isContrast = ['vscode-high-contrast', 'vscode-high-contrast-light'].some((name) =>
    document.body.classList.contains(name),
  );
  return {
    text: color('foreground', style.color),
    gridDash: [],
    grid: `rgba(128, 128, 128, ${isContrast ? 0.6 : 0.25})`,
    cursor: color('focusBorder', style.color),
    font,
    lines: COLORS.map(([name, otherwise], i) => ({
      color: color(`charts-${name}`, otherwise),
      dash: isContrast ? (DASHES[i] ?? []) : [],
    })),
  };
}

/** A piece of a line, to show whose it is. */
export function sampleOf({ color, dash }: Line): SVGSVGElement {
  const line = svg('path', { d: 'M0 5H20', 'stroke-width': 2.5, fill: 'none' });
  line.style.stroke = color;
  if (dash.length > 0) line.setAttribute('stroke-dasharray', dash.join(' '));
  return svg('svg', { class: 'sample', viewBox: '0 0 20 10', width: 20, height: 10 }, line);
}
