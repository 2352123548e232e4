import type {
  Clock,
  Context,
  Fault,
  Faults,
  Log,
  SandboxConfig,
  Store,
  Table,
} from '../../src/sandbox/contracts.ts';

/** A clock that stands still until it is told to move. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

export interface TestContext extends Context {
  readonly clock: TestClock;
  /** Every line logged so far, as `level message`. */
  readonly lines: string[];
}

export interface TestContextOverrides {
  config?: Partial<SandboxConfig>;
  clock?: TestClock;
  store?: Store;
  faults?: Faults;
  log?: Log;
  endpoints?: Partial<Context['endpoints']>;
}

/** A Context for one part of the sandbox, all in memory: nothing to close, nothing on disk. */
export function createTestContext(overrides: TestContextOverrides = {}): TestContext {
  const lines: string[] = [];
  return {
    config: {
      httpPort: 0,
      mqttPort: 0,
      stateFolder: undefined,
      stacks: [{ name: 'cms-dev1', core: 'cdf-core-development' }],
      region: 'us-west-2',
      accountId: '123456789012',
      limits: true,
      eventDelayMs: 0,
      assetLibraryAuth: 'none',
      ...overrides.config,
    },
    clock: overrides.clock ?? createTestClock(),
    store: overrides.store ?? createMemoryStore(),
    faults: overrides.faults ?? createMemoryFaults(),
    log:
      overrides.log ??
      ((level, message) => {
        lines.push(`${level} ${message}`);
      }),
    endpoints: {
      http: 'http://127.0.0.1:4566',
      mqttHost: 'localhost',
      mqttPort: 8883,
      ...overrides.endpoints,
    },
    lines,
  };
}

export function createTestClock(now = Date.parse('2024-05-01T12:00:00Z')): TestClock {
  let time = now;
  return {
    now: () => time,
    advance: (ms) => {
      time += ms;
    },
  };
}

/**
 * A Store in memory. It keeps only what survives JSON, and hands values out frozen, so that a part that
 * keeps something else or changes a value behind `set` fails its tests.
 */
export function createMemoryStore(): Store {
  const tables = new Map<string, Table<unknown>>();
  return {
    table<T>(name: string, options?: { volatile?: boolean }): Table<T> {
      const known = tables.get(name) ?? createMemoryTable(options?.volatile === true);
      tables.set(name, known);
      return known as Table<T>;
    },
    reset: () => {
      for (const table of tables.values()) table.clear();
    },
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function createMemoryTable(volatile: boolean): Table<unknown> {
  const values = new Map<string, unknown>();
  return {
    get: (key) => values.get(key),
    has: (key) => values.has(key),
    set: (key, value) => {
      values.set(key, volatile ? value : deepFreeze(JSON.parse(JSON.stringify(value))));
    },
    delete: (key) => values.delete(key),
    get size() {
      return values.size;
    },
    keys: () => values.keys(),
    values: () => values.values(),
    entries: () => values.entries(),
    clear: () => values.clear(),
  };
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}

export function createMemoryFaults(): Faults {
  const faults: Fault[] = [];
  return {
    add: (fault) => {
      faults.push({ ...fault });
    },
    take: (operation) => {
      const index = faults.findIndex((fault) => matches(fault.operation, operation));
      const fault = faults[index];
      if (fault === undefined) return undefined;
      fault.count -= 1;
      if (fault.count <= 0) faults.splice(index, 1);
      return fault.action;
    },
    list: () => faults.map((fault) => ({ ...fault })),
    clear: () => {
      faults.length = 0;
    },
  };
}

function matches(pattern: string, operation: string): boolean {
  return pattern.endsWith('*') ? operation.startsWith(pattern.slice(0, -1)) : pattern === operation;
}
