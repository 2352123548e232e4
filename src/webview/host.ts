import { mapStateSchema, type MapRequest, type MapState } from '../protocol/map.ts';

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

const MOST_PROBLEMS = 20;
const SAVE_AFTER_MS = 200;

/** The editor at the other end: what is told to it, and what it keeps for this page. */
export class Host {
  readonly #api = acquireVsCodeApi();
  readonly #told = new Set<string>();
  #state: MapState;
  #timer: number | undefined;

  constructor(initial: MapState) {
    const kept = mapStateSchema.safeParse(this.#api.getState());
    this.#state = kept.success ? { ...kept.data, restore: initial.restore ?? kept.data.restore } : initial;
    this.#api.setState(this.#state);
    // A page that is about to go away must not lose what was changed last.
    window.addEventListener('pagehide', () => this.#save());
  }

  get state(): MapState {
    return this.#state;
  }

  send(request: MapRequest): void {
    this.#api.postMessage(request);
  }

  /** For the log, each once; nobody reads the hundredth. */
  problem(message: string): void {
    const text = message.slice(0, 2000);
    if (this.#told.has(text) || this.#told.size >= MOST_PROBLEMS) return;
    this.#told.add(text);
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
