import { Session, type Profiler } from 'node:inspector';

type Span = readonly [from: number, to: number];

/** Which branches of which functions were never taken, by the engine's own counting. */
export class Coverage {
  readonly #session = new Session();
  readonly #sources: readonly string[];
  /** By function: what of it has not run yet. */
  readonly #missing = new Map<string, readonly Span[]>();
  #found = 0;
  #seen: readonly Profiler.ScriptCoverage[] = [];

  /** @param sources parts of the addresses of the scripts that count */
  constructor(sources: readonly string[]) {
    this.#sources = sources;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** How often something new has run. */
  get found(): number {
    return this.#found;
  }

  /** Whether anything has run since the last look that never ran before. It stays new until `learn`. */
  look(): boolean {
    // A session with its own thread answers at once.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      this.#seen = error === null ? answer.result : [];
    });
    return this.#changes().length > 0;
  }

  /** Takes what the last look saw for known. */
  learn(): void {
    for (const [name, missing] of this.#changes()) {
      this.#missing.set(name, missing);
      this.#found += 1;
    }
  }

  #changes(): [name: string, missing: readonly Span[]][] {
    return this.#seen
      .filter(({ url }) => this.#sources.some((source) => url.includes(source)))
      .flatMap(({ url, functions }) => functions.flatMap(({ ranges }) => this.#change(url, ranges)));
  }

  #change(url: string, ranges: readonly Profiler.CoverageRange[]): [[string, readonly Span[]]] | [] {
    const [whole, ...blocks] = ranges;
    if (whole === undefined || whole.count === 0) return [];
    const name = `${url}:${whole.startOffset}:${whole.endOffset}`;
    const missing = notRun(blocks);
    const before = this.#missing.get(name);
    if (before === undefined) return [[name, missing]];
    const both = common(before, missing);
    return length(both) === length(before) ? [] : [[name, both]];
  }

  close(): void {
    this.#session.disconnect();
  }
}

/** Blocks are in each other: an inner one that ran is no part of an outer one that did not. They come in order. */
function notRun(blocks: readonly Profiler.CoverageRange[]): Span[] {
  const spans: Span[] = [];
  for (const { startOffset, endOffset, count } of blocks) {
    if (count === 0 && startOffset >= (spans.at(-1)?.[1] ?? 0)) spans.push([startOffset, endOffset]);
  }
  return spans;
}

function common(one: readonly Span[], other: readonly Span[]): Span[] {
  const spans: Span[] = [];
  for (const [from, to] of one) {
    for (const [start, end] of other) {
      if (start < to && end > from) spans.push([Math.max(from, start), Math.min(to, end)]);
    }
  }
  return spans;
}

function length(spans: readonly Span[]): number {
  return spans.reduce((sum, [from, to]) => sum + to - from, 0);
}
