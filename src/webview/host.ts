import { mapStateSchema, type MapRequest, type MapState } from '../protocol/map.ts';

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

const MOST_PROBLEMS = 20;
const SAVE_AFTER_MS = 200;

/** The connection to the editor: messages to it, and the state that it keeps for this page. */
export class Host {
  readonly #api = acquireVsCodeApi();
  readonly #reported = new Set<string>();
  #state: MapState;
  #timer: number | undefined;

  constructor(initial: MapState) {
    const saved = mapStateSchema.safeParse(this.#api.getState());
    this.#state = saved.success ? { ...saved.data, restore: initial.restore ?? saved.data.restore } : initial;
    this.#api.setState(this.#state);
    // Save the last changes before the page goes away.
    window.addEventListener('pagehide', () => this.#save());
  }

  get state(): MapState {
    return this.#state;
  }

  send(request: MapRequest): void {
    this.#api.postMessage(request);
  }

  /** Reports a problem for the log. Reports each one once, and only the first few. */
  problem(message: string): void {
    const text = message.slice(0, 2000);
    if (this.#reported.has(text) || this.#reported.size >= MOST_PROBLEMS) return;
    this.#reported.add(text);
    this.send({ kind: 'problem', message: text });
  }

  keep(change: Partial<MapState>): void {
    this.#state = { ...this.#state, ...change };
    this.#timer ??= window.setTimeout(() => this.#save(), SAVE_AFTER_MS);
  }

  #save(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#api.setState(this.#state);
  }
}
