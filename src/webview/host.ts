import { mapStateSchema, type MapMessage, type MapRequest, type MapState } from '../protocol/map.ts';

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

type Loaded = Extract<MapMessage, { kind: 'loaded' }>;

const MOST_PROBLEMS = 20;
const SAVE_AFTER_MS = 200;

/** The connection to the editor: messages to it, and the state that it keeps for this page. */
export class Host {
  readonly #api = acquireVsCodeApi();
  readonly #reported = new Set<string>();
  readonly #waiting = new Map<number, (answer: Loaded) => void>();
  #requests = 0;
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

  /** Asks the editor for a part of the street tiles. Throws the status if it has none. */
  async load(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const request = (this.#requests += 1);
    const { status, content } = await new Promise<Loaded>((resolve) => {
      this.#waiting.set(request, resolve);
      this.send({ kind: 'load', request, path });
    });
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    return Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  }

  loaded(answer: Loaded): void {
    this.#waiting.get(answer.request)?.(answer);
    this.#waiting.delete(answer.request);
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
