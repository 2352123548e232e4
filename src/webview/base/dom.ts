import { visible } from '../../core/foreignText.ts';

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string | undefined;

/** Creates an element. Attributes that are `false` or `undefined` are omitted; `true` gives an empty attribute. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  for (const child of children)
    if (child !== undefined) element.append(typeof child === 'string' ? visible(child) : child);
  return element;
}

/** Creates an SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: SVGElement[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : harmless(name, String(value)));
  }
}

/** Attributes that are shown or read aloud; the others are ids and looks. */
const WORDS = new Set(['title', 'placeholder', 'aria-label', 'aria-description', 'aria-valuetext']);

/** Names of vehicles and routes come from anywhere. */
function harmless(name: string, value: string): string {
  return WORDS.has(name) ? visible(value) : value;
}

/** Writes only changes, so that screen readers and text selections are not disturbed. */
export function setText(element: Element, words: string): void {
  const text = visible(words);
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, words: string): void {
  const value = harmless(name, words);
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function setHidden(element: HTMLElement, hidden: boolean): void {
  if (element.hidden !== hidden) element.hidden = hidden;
}
