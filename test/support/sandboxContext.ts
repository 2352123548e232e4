import type {
  Clock,
  Context,
  Faults,
  Log,
  SandboxConfig,
  Store,
} from '../../src/sandbox/contracts/kernel.ts';
import { createFaults } from '../../src/sandbox/faults.ts';
import { createStore } from '../../src/sandbox/store.ts';

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
    faults: overrides.faults ?? createFaults(),
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
 * The store in memory. It keeps only what survives JSON, and hands values out frozen, so that a part that keeps
 * something else or changes a value behind `set` fails its tests.
 */
export function createMemoryStore(): Store {
  return createStore({ freeze: true });
}
