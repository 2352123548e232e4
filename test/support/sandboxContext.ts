import type { Clock } from '../../src/sandbox/kernel/clock.ts';
import type { Context, SandboxConfig } from '../../src/sandbox/kernel/context.ts';
import type { Faults } from '../../src/sandbox/kernel/faults.ts';
import type { Log } from '../../src/sandbox/kernel/log.ts';
import type { Store } from '../../src/sandbox/kernel/store.ts';
import { createFaults } from '../../src/sandbox/kernel/faults.ts';
import type { createAws } from '../../src/sandbox/services/services.ts';
import { createStore } from '../../src/sandbox/kernel/store.ts';

/** A clock that moves only when a test advances it. */
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

/** An in-memory Context for a part of the sandbox. There is nothing to close, and nothing on disk. */
export function createTestContext(overrides: TestContextOverrides = {}): TestContext {
  const lines: string[] = [];
  return {
    config: {
      httpPort: 0,
      mqttPort: 0,
      stateFolder: undefined,
      region: 'us-west-2',
      accountId: '123456789012',
      limits: true,
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
      caFile: 'ca.pem',
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
 * An in-memory store. Values are copied as JSON and returned frozen, so that a test fails if a part stores anything
 * else or changes a value without `set`.
 */
export function createMemoryStore(): Store {
  return createStore({ freeze: true });
}

/** For a createAws whose broker no device connects to: its server has no certificate. */
export const noDevices: Parameters<typeof createAws>[1] = {
  authority: {
    rootPem: '',
    server: { certificatePem: '', privateKeyPem: '' },
    issueKeysAndCertificate: () => Promise.reject(new Error('There is no authority.')),
    issueFromCsr: () => Promise.reject(new Error('There is no authority.')),
  },
  onMessage: () => undefined,
};
