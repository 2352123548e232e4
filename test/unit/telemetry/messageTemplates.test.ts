import assert from 'node:assert/strict';
import { messageTemplates } from '../../../src/telemetry/messageTemplates.ts';
import { codecOf } from '../../../src/cms/codecs.ts';

const { decode: readTelemetry } = codecOf('cdf');

const NOW = Date.parse('2026-01-05T10:00:00Z');

describe('Message templates', () => {
  const templates = messageTemplates(codecOf('cdf'), { vin: 'VIN1', id: 'VIN1', thingName: 'thing1' }, NOW);

  it('show one message of each kind on its topic', () => {
    assert.deepEqual(
      Object.values(templates)
        .map(({ topic }) => topic)
        .sort(),
      ['dt/cvra/thing1/cardata', 'dt/cvra/thing1/dtc', 'dt/cvra/thing1/event', 'dt/cvra/thing1/trip'],
    );
  });

  it('are what a reader of telemetry understands', () => {
    for (const { topic, payload } of Object.values(templates)) {
      const read = readTelemetry(topic, payload);
      assert.deepEqual([read?.vin, read?.thingName, read?.time], ['VIN1', 'thing1', NOW]);
    }
    const { sample, trouble } = templates;
    assert.equal(readTelemetry(sample!.topic, sample!.payload)?.place?.latitude, 33.77521);
    assert.equal(readTelemetry(trouble!.topic, trouble!.payload)?.code, 'P0217');
  });
});
