import assert from 'node:assert/strict';
import { XMLParser } from 'fast-xml-parser';
import { l10n } from '../../../../src/core/message.ts';
import type { SimulationTotals, VehicleState } from '../../../../src/protocol/simulation.ts';
import { asJunit } from '../../../../src/text/history/junit.ts';

const state = (vin: string, more: Partial<VehicleState>): VehicleState =>
  ({
    vin,
    id: vin,
    phase: 'ended',
    connects: 1,
    lost: 0,
    acknowledged: 5,
    resent: 0,
    metres: 10,
    ...more,
  }) as VehicleState;

interface Report {
  testsuites: {
    testsuite: {
      '@tests': string;
      '@failures': string;
      '@time': string;
      testcase: { '@name': string; failure?: { '@type': string; '@message': string } }[];
    };
  };
}

describe('A test report of a simulation', () => {
  it('has a test per vehicle, and says why one failed', () => {
    const vehicles = [
      state('A', {}),
      state('B', {
        phase: 'failed',
        problem: { code: 'CLIENT_ID_IN_USE', sentence: l10n.verbatim('"Taken" <twice>') },
      }),
      state('C', { connects: 0 }),
      state('D', { lost: 3 }),
    ];
    const durations = { lag: { buckets: [], max: 0 }, ack: { buckets: [], max: 0 } };
    const result = { totals: {} as SimulationTotals, vehicles, durations };
    const text = asJunit({ simulationId: 'run-1', result, durationMs: 2500 });
    const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@' });
    const { testsuite } = (parser.parse(text) as Report).testsuites;
    assert.deepEqual([testsuite['@tests'], testsuite['@failures'], testsuite['@time']], ['4', '3', '2.500']);
    assert.deepEqual(
      testsuite.testcase.map(({ '@name': name, failure }) => [
        name,
        failure?.['@type'],
        failure?.['@message'],
      ]),
      [
        ['A', undefined, undefined],
        ['B', 'CLIENT_ID_IN_USE', '"Taken" <twice>'],
        ['C', 'NEVER_CONNECTED', 'The vehicle never connected.'],
        ['D', 'MESSAGES_LOST', '3 messages were lost.'],
      ],
    );
  });
});
