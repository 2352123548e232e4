import assert from 'node:assert/strict';
import type { ProvisionDeps } from '../../../src/provisioning/contract.ts';
import { agreeToAnother } from '../../../src/provisioning/renewal.ts';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';
import { testWork } from '../../support/works.ts';
import { type Answer, awsError, createFakeIot } from '../aws/iot/fakeIot.ts';

const VEHICLE = { vin: 'WDB-7', id: 'veh-1', thingName: 'car-1' };

function asked(principals: Answer) {
  const { connection } = createFakeIot({ ListThingPrincipals: [principals] });
  const said: string[] = [];
  const deps = {
    connection,
    provisioner: {
      kind: 'minted',
      renewal: { oldEnds: 'before', words: l10n.verbatim('It ends the old one.') },
    },
    agree: ({ words }: { words: Parameters<typeof english>[0] }) => {
      said.push(english(words));
      return Promise.resolve(true);
    },
  } as unknown as ProvisionDeps;
  return { said, ask: () => agreeToAnother(VEHICLE, deps, testWork()) };
}

describe('Before a vehicle gets another certificate', () => {
  it('who may not see the ones it has is asked without their names', async () => {
    const { said, ask } = asked(awsError('AccessDeniedException'));
    await ask();
    assert.deepEqual(said, [
      'WDB-7 may have a certificate in service that this machine cannot use. It ends the old one.',
    ]);
  });

  it('nobody is asked where none is in service, and another failure is one', async () => {
    const none = asked({ principals: [] });
    await none.ask();
    assert.deepEqual(none.said, []);
    await assert.rejects(asked(awsError('InternalFailureException')).ask(), { code: 'AWS_CALL_FAILED' });
  });
});
