import type { MapRun, MapScene, MapState } from '../../protocol/map.ts';
import { h, setAttribute, setHidden, setText } from '../base/dom.ts';
import type { Format } from '../base/format.ts';
import { icon, setIcon } from '../base/icons.ts';
import type { Words } from '../base/words.ts';
import { setInUse } from './focus.ts';

const runWords = {
  starting: 'runStarting',
  running: 'runRunning',
  paused: 'runPaused',
  ended: 'runEnded',
  failed: 'runFailed',
} as const;
const sourceWords = { watch: 'sourceWatch', route: 'sourceRoute', recording: 'sourceRecording' } as const;

/** The title, the search, and the three buttons for the whole map. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #format: Format;
  readonly #title = h('h1');
  readonly #badge = h('span', { class: 'badge', hidden: true });
  readonly #recording = h('span', { class: 'badge recording', hidden: true });
  readonly #rate = h('span', { class: 'rate' });
  readonly #fit: HTMLButtonElement;
  readonly #follow: HTMLButtonElement;
  readonly #view: HTMLButtonElement;
  readonly #viewText = h('span');

  constructor(
    words: Words,
    format: Format,
    search: HTMLElement,
    on: { fit(): void; follow(): void; view(): void },
  ) {
    this.#words = words;
    this.#format = format;
    this.#fit = h(
      'button',
      { type: 'button', class: 'secondary', id: 'fit', title: words('fitAllHint') },
      icon('fit'),
      h('span', {}, words('fitAll')),
    );
    this.#follow = h(
      'button',
      {
        type: 'button',
        class: 'secondary',
        id: 'follow',
        'aria-pressed': 'false',
        title: words('followHint'),
      },
      icon('follow'),
      h('span', {}, words('follow')),
    );
    this.#view = h(
      'button',
      { type: 'button', class: 'secondary', id: 'view', title: words('viewHint') },
      icon('table'),
      this.#viewText,
    );
    this.#fit.addEventListener('click', () => on.fit());
    this.#follow.addEventListener('click', () => on.follow());
    this.#view.addEventListener('click', () => on.view());
    this.element = h(
      'header',
      { id: 'toolbar' },
      h('div', { class: 'title' }, this.#title, this.#badge, this.#recording, this.#rate),
      search,
      h('div', { class: 'buttons' }, this.#fit, this.#follow, this.#view),
    );
  }

  /** Focuses a button, for when there is neither a map nor a table yet. */
  focus(): void {
    this.#view.focus();
  }

  show(
    scene: MapScene | undefined,
    run: MapRun | undefined,
    state: Pick<MapState, 'view' | 'follow'>,
    can: { map: boolean; fit: boolean; follow: boolean },
  ): void {
    setText(this.#title, scene?.title ?? '');
    const source = scene && scene.source !== 'simulation' ? this.#words(sourceWords[scene.source]) : '';
    const badge = run ? this.#words(runWords[run.state]) : source;
    setHidden(this.#badge, badge === '');
    setText(this.#badge, badge);
    setAttribute(this.#badge, 'data-state', run?.state ?? '');
    setHidden(this.#recording, run?.recording !== true);
    setText(this.#recording, this.#words('recordingNow'));
    setText(
      this.#rate,
      run ? this.#words('messagesPerSecond', { rate: this.#format.rate(run.messagesPerSecond) }) : '',
    );
    setHidden(this.#view, !can.map);
    setHidden(this.#fit, state.view !== 'map');
    setHidden(this.#follow, state.view !== 'map');
    setInUse(this.#fit, can.fit);
    setInUse(this.#follow, can.follow);
    setAttribute(this.#follow, 'aria-pressed', String(state.follow));
    setText(this.#viewText, this.#words(state.view === 'map' ? 'showTable' : 'showMap'));
    setIcon(this.#view, state.view === 'map' ? 'table' : 'map');
  }
}
