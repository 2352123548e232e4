import type { MapScene } from '../../protocol/map.ts';
import type { MapWord } from '../../protocol/mapWords.ts';
import { h, setHidden, setText } from '../base/dom.ts';
import type { Format } from '../base/format.ts';
import { icon, type IconName } from '../base/icons.ts';
import type { Words } from '../base/words.ts';
import { lengthOf } from '../map/geometry.ts';
import type { RouteDraft } from '../route/draft.ts';
import { setInUse } from './focus.ts';

export interface RouteBarActions {
  simulate(): void;
  draw(): void;
  edit(): void;
  undo(): void;
  remove(): void;
  save(): void;
  cancel(): void;
}

type Action = keyof RouteBarActions;

const buttons: readonly [Action, MapWord, IconName][] = [
  ['simulate', 'simulate', 'resume'],
  ['edit', 'editRoute', 'edit'],
  ['draw', 'drawRoute', 'draw'],
  ['save', 'saveRoute', 'save'],
  ['undo', 'undo', 'undo'],
  ['remove', 'deletePoint', 'close'],
  ['cancel', 'cancel', 'stop'],
];
const whileDrawing = new Set<Action>(['save', 'undo', 'remove', 'cancel']);

/** Below a route: how long it is, and what can be done with it; while one is drawn, the same of that one. */
export class RouteBar {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #format: Format;
  readonly #figures = h('p', { class: 'figures', role: 'status' });
  readonly #hint: HTMLElement;
  readonly #buttons: ReadonlyMap<Action, HTMLButtonElement>;

  constructor(words: Words, format: Format, on: RouteBarActions) {
    this.#words = words;
    this.#format = format;
    this.#hint = h('p', { class: 'hint' }, words('drawHint'));
    this.#buttons = new Map(
      buttons.map(([action, word, name]) => {
        const main = action === 'simulate' || action === 'save';
        const button = h(
          'button',
          { type: 'button', 'data-route': action, class: main ? undefined : 'secondary' },
          icon(name),
          words(word),
        );
        button.addEventListener('click', () => on[action]());
        return [action, button];
      }),
    );
    this.element = h(
      'section',
      { id: 'route-bar', hidden: true, 'aria-label': words('sourceRoute') },
      this.#figures,
      ...this.#buttons.values(),
      this.#hint,
    );
  }

  show(scene: MapScene | undefined, draft: RouteDraft | undefined, canDraw: boolean): void {
    setHidden(this.element, scene?.source !== 'route');
    if (scene?.source !== 'route') return;
    setHidden(this.#hint, draft === undefined);
    for (const [action, button] of this.#buttons) {
      setHidden(button, whileDrawing.has(action) !== (draft !== undefined));
    }
    setText(this.#figures, draft ? this.#draftText(draft) : this.#sceneText(scene));
    if (draft) {
      this.#use('save', draft.points.length >= 2);
      this.#use('undo', draft.canUndo);
      this.#use('remove', draft.points.length > 0);
    } else {
      this.#use('simulate', scene.routes.length > 0);
      this.#use('edit', canDraw && scene.routes.length === 1);
      this.#use('draw', canDraw);
    }
  }

  #use(action: Action, use: boolean): void {
    const button = this.#buttons.get(action);
    if (button) setInUse(button, use);
  }

  #draftText({ points }: RouteDraft): string {
    const { length } = points;
    const count =
      length === 1
        ? this.#words('routePoint')
        : this.#words('routePoints', { count: this.#format.count(length) });
    return length < 2 ? count : `${count} · ${this.#format.distance(lengthOf(points))}`;
  }

  #sceneText({ routes }: MapScene): string {
    const [only] = routes;
    if (!only) return '';
    if (routes.length > 1) return this.#words('routeCount', { count: this.#format.count(routes.length) });
    const { length, duration } = only;
    return [
      length === undefined ? '' : this.#format.distance(length),
      duration === undefined ? '' : this.#format.duration(duration),
    ]
      .filter(Boolean)
      .join(' · ');
  }
}
