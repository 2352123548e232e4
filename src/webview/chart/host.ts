import { chartStateSchema, type ChartRequest, type ChartState } from '../../protocol/chart.ts';

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

const MOST_PROBLEMS = 20;

/** The connection to the editor: messages to it, and the state that it keeps for this page. */
export class ChartHost {
  readonly #api = acquireVsCodeApi();
  readonly #reported = new Set<string>();
  #state: ChartState;

  /** @param restore how the editor opens the same again */
  constructor(restore: unknown) {
    const saved = chartStateSchema.safeParse(this.#api.getState());
    this.#state = { ...(saved.success ? saved.data : {}), ...(restore === undefined ? {} : { restore }) };
    this.#api.setState(this.#state);
  }

  get state(): ChartState {
    return this.#state;
  }

  send(request: ChartRequest): void {
    this.#api.postMessage(request);
  }

  /** Reports a problem for the log. Reports each one once, and only the first few. */
  problem(message: string): void {
    const text = message.slice(0, 2000);
    if (this.#reported.has(text) || this.#reported.size >= MOST_PROBLEMS) return;
    this.#reported.add(text);
    this.send({ kind: 'problem', message: text });
  }

  keep(change: Partial<ChartState>): void {
    this.#state = { ...this.#state, ...change };
    this.#api.setState(this.#state);
  }
}
