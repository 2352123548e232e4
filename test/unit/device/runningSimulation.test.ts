import assert from 'node:assert/strict';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { systemClock } from '../../../src/core/work.ts';
import { runningSimulation } from '../../../src/device/client/startSimulation.ts';
import type { SimulationRequest } from '../../../src/protocol/simulation.ts';

describe('A simulation whose process died', () => {
  const died = new CmsError('DEVICE_PROCESS_FAILED', l10n.verbatim('It died.'), {
    remedy: l10n.verbatim('Simulate it again.'),
  });
  const ended = (whole?: SimulationRequest): Promise<unknown> =>
    runningSimulation('run', () => Promise.reject(died), {}, { clock: systemClock }, whole).ended;

  it('speaks of resuming when it can be resumed', async () => {
    const vehicle = { ...{ vin: 'A', id: 'A', thingName: 'A', seed: 1 }, identity: {} };
    await assert.rejects(
      ended({ simulationId: 'run', vehicles: [vehicle] } as SimulationRequest),
      (error) => {
        assert.ok(error instanceof CmsError);
        assert.match(JSON.stringify(error.remedy), /resume it/);
        return true;
      },
    );
  });

  it('keeps the remedy of its error when it cannot', async () => {
    await assert.rejects(ended(), { message: 'It died.', remedy: died.remedy });
  });
});
