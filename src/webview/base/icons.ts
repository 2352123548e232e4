import { svg } from './dom.ts';

/** Outlines on a 16 by 16 grid, drawn in the text color. */
const outlines = {
  fit: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4M6 8h4M8 6v4',
  follow: 'M8 1v3M8 12v3M1 8h3M12 8h3M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z',
  table: 'M1.5 2.5h13v11h-13zM1.5 6h13M1.5 9.75h13M6 6v7.5',
  map: 'M1.5 3.5 6 2l4 1.5L14.5 2v10.5L10 14l-4-1.5L1.5 14zM6 2v10.5M10 3.5V14',
  close: 'm3.5 3.5 9 9M12.5 3.5l-9 9',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.5 10.5 14 14',
  pause: 'M5 3v10M11 3v10',
  resume: 'm4.5 2.5 8.5 5.5-8.5 5.5z',
  stop: 'M3.5 3.5h9v9h-9z',
  edit: 'm3 13 .6-3L10.5 3 13 5.5 6 12.4zM9 4.5 11.5 7',
  draw: 'M3 12.5a1.5 1.5 0 1 0 0 .1M13 3.5a1.5 1.5 0 1 0 0 .1M4 11.5 7 6l3 3 2.3-4.5',
  save: 'M2.5 2.5h8.5l2.5 2.5v8.5h-11zM5 2.5v4h5v-4M4.5 13.5V9h7v4.5',
  undo: 'M6 3 3 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H6',
  warning: 'M8 2 1.5 13.5h13zM8 6.5v3.2M8 11.3v.4',
  previous: 'm10 3-5 5 5 5',
  next: 'm6 3 5 5-5 5',
  legend: 'M2 4h3M7.5 4H14M2 8h3M7.5 8H14M2 12h3M7.5 12H14',
} as const;
export type IconName = keyof typeof outlines;

/** Creates an icon, hidden from screen readers. Use it next to text, or in an element with a label. */
export function icon(name: IconName): SVGSVGElement {
  return svg(
    'svg',
    { class: 'icon', viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' },
    svg('path', { d: outlines[name] }),
  );
}

/** Changes the icon in an element. */
export function setIcon(holder: Element, name: IconName): void {
  holder.querySelector('path')?.setAttribute('d', outlines[name]);
}
