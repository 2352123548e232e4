import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreateThingCommand,
  type IoTClient,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { findAttachedCertificate } from '../../src/aws/iot/certificates.ts';
import type { Connection } from '../../src/aws/connection.ts';
import type {
  MintedIdentity,
  MintedProvisioner,
  Provisioner,
  SharedProvisioner,
} from '../../src/cms/contract/provisioner.ts';
import { DEVICE_POLICY } from '../../src/cms/cdf/provisioner.ts';
import { openDeployment } from '../../src/cms/open.ts';
import { l10n } from '../../src/core/message.ts';
import { english } from '../../src/core/wording.ts';
import { startDevice } from '../../src/device/client/deviceProcess.ts';
import type { Device } from '../../src/provisioning/device.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import type { AskedRenewal, ProvisionDeps, ProvisionRequest } from '../../src/provisioning/contract.ts';
import { provision } from '../../src/provisioning/provision.ts';
import { rotate } from '../../src/provisioning/rotate.ts';
import { ensureSetup } from '../../src/provisioning/setup.ts';
import { withVehicleLock } from '../../src/provisioning/vehicleLock.ts';
import { usualWishes } from '../../src/onboarding/usualWishes.ts';
import { cdfFields } from '../../src/cms/cdf/onboarding/fields.ts';
import { connectTo, nobody } from '../support/cms.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';
import { testWork, type TestWork } from '../support/works.ts';

const VEHICLE = { vin: 'WDB-7', id: 'veh-1', thingName: 'car-1' };
const never = new AbortController().signal;

describe('What becomes of the certificate that a vehicle has', () => {
  let sandbox: SandboxProcess;
  let device: Device & { dispose(): void };
  let connection: Connection;
  let iot: IoTClient;
  let folder: string;
  /** Ids of all certificates that a CMS made, in their order. */
  let made: string[];

  before(async () => {
    sandbox = await startSandbox({ args: ['--no-limits'] });
    device = await startDevice({ command: join(import.meta.dirname, '../../dist/device.js') });
  });
  after(async () => {
    device.dispose();
    await sandbox.stop();
  });
  beforeEach(async () => {
    await sandbox.reset();
    connection = await connectTo(sandbox);
    iot = await connection.iot();
    await iot.send(new CreateThingCommand({ thingName: VEHICLE.thingName }));
    folder = await mkdtemp(join(tmpdir(), 'renewal-'));
    made = [];
  });
  afterEach(async () => {
    connection.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const request: ProvisionRequest = {
    ...{ vehicle: VEHICLE, claim: { kind: 'temporary' }, keys: 'keys', templateName: '', timeoutMs: 4000 },
  };
  const common = {
    deployment: { generation: 'made-up', name: 'made-up-1' },
    devicePolicy: undefined,
    clientId: ({ thingName }: { thingName: string }) => thingName,
  };
  /** A CMS that switches all older certificates of a vehicle off when it makes a new one, as `before` says. */
  const switching: MintedProvisioner = {
    ...{ ...common, kind: 'minted' },
    renewal: { oldEnds: 'before', words: l10n.t('The CMS switches the old certificate off first.') },
    async mint() {
      for (const certificateId of made)
        await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
      return newPair();
    },
  };

  async function newPair(): Promise<MintedIdentity> {
    const { certificateId, certificateArn, certificatePem, keyPair } = await iot.send(
      new CreateKeysAndCertificateCommand({ setAsActive: true }),
    );
    made.push(certificateId!);
    await iot.send(new AttachPolicyCommand({ policyName: DEVICE_POLICY, target: certificateArn }));
    await iot.send(
      new AttachThingPrincipalCommand({ thingName: VEHICLE.thingName, principal: certificateArn }),
    );
    return { certificatePem: certificatePem!, privateKeyPem: keyPair!.PrivateKey! };
  }

  /** On a machine of its own, which has a folder of that name. */
  function depsOf(provisioner: Provisioner, machine: string, answer?: boolean) {
    const asked: AskedRenewal[] = [];
    const deps: ProvisionDeps = {
      ...{ connection, provisioner, device, certificates: createCertificateStore(join(folder, machine)) },
      agree: (renewal) => {
        asked.push(renewal);
        return answer === undefined ? assert.fail('Nobody was to be asked.') : Promise.resolve(answer);
      },
    };
    return { deps, said: () => asked.map(({ vin, words }) => `${vin}: ${english(words)}`) };
  }
  const statusOf = async (id: string) => (await findAttachedCertificate(connection, id, never))?.status;
  const messages = ({ events }: TestWork) => events.map(({ message }) => english(message));

  it('is asked before it ends, and nothing is made when somebody does not agree', async () => {
    const first = await provision(request, depsOf(switching, 'a').deps, testWork());
    const { certificateId: id } = first.identity;
    const refusing = depsOf(switching, 'a', false);
    await assert.rejects(rotate(request, refusing.deps, testWork()), { code: 'CANCELLED' });
    assert.deepEqual(refusing.said(), ['WDB-7: The CMS switches the old certificate off first.']);
    assert.deepEqual([made, await statusOf(id)], [[id], 'ACTIVE']);

    const agreeing = depsOf(switching, 'a', true);
    const { previous, identity } = await rotate(request, agreeing.deps, testWork());
    assert.deepEqual(previous, { certificateId: id, status: 'inactive' });
    assert.deepEqual([made.length, await statusOf(identity.certificateId)], [2, 'ACTIVE']);
  });

  it('is asked on another machine, too, which has no key of it', async () => {
    const first = await provision(request, depsOf(switching, 'a').deps, testWork());
    const { certificateId: id } = first.identity;
    const refusing = depsOf(switching, 'b', false);
    const work = testWork();
    await assert.rejects(provision(request, refusing.deps, work), { code: 'CANCELLED' });
    const words = `WDB-7 has a certificate in service, ${id}, that this machine cannot use. The CMS switches the old certificate off first.`;
    assert.deepEqual(refusing.said(), [`WDB-7: ${words}`]);
    assert.ok(messages(work).includes(words), messages(work).join('\n'));
    assert.deepEqual([made, await statusOf(id)], [[id], 'ACTIVE']);

    const again = await provision(request, depsOf(switching, 'b', true).deps, testWork());
    assert.deepEqual([again.result, await statusOf(id)], ['created', 'INACTIVE']);
  });

  it('is asked while others may work on the vehicle, and no more once somebody cancels', async () => {
    await provision(request, depsOf(switching, 'a').deps, testWork());
    for (const [machine, task] of [
      ['b', provision],
      ['a', rotate],
    ] as const) {
      const { deps } = depsOf(switching, machine);
      const work = testWork();
      let isFree = false;
      const agree = async (): Promise<boolean> => {
        await withVehicleLock(deps.certificates.folder, VEHICLE.id, testWork(), () =>
          Promise.resolve((isFree = true)),
        );
        work.cancel();
        return new Promise(() => undefined);
      };
      await assert.rejects(task(request, { ...deps, agree }, work), { code: 'CANCELLED' });
      assert.equal(isFree, true);
    }
    assert.equal(made.length, 1);
  });

  it('is said and not asked where nobody is to be asked, such as in a fleet', async () => {
    await provision(request, depsOf(switching, 'a').deps, testWork());
    const deps = { ...depsOf(switching, 'b').deps, agree: undefined };
    const work = testWork();
    assert.equal((await provision(request, deps, work)).result, 'created');
    assert.match(messages(work).join('\n'), /The CMS switches the old certificate off first\./);
  });

  it('is its own matter where it works until the new one does: nobody is asked', async () => {
    const { certificates: byClaim } = await openDeployment(connection, {}, nobody, never);
    const vehicle = { vin: 'LSH14J4C4LA046511', id: 'LSH14J4C4LA046511', thingName: 'LSH14J4C4LA046511' };
    const { wishes } = usualWishes(vehicle.vin, byClaim!, cdfFields, {}, 0);
    const wanted = { ...wishes, vehicle, timeoutMs: 4000 };
    await ensureSetup(wishes, depsOf(byClaim!, 'a').deps, testWork());
    await provision(wanted, depsOf(byClaim!, 'a').deps, testWork());
    await rotate(wanted, depsOf(byClaim!, 'a').deps, testWork());
    assert.equal((await provision(wanted, depsOf(byClaim!, 'b').deps, testWork())).result, 'created');
  });

  it('stays in service when all vehicles share it, whatever is done with one of them', async () => {
    const pair = await newPair();
    const [id = ''] = made;
    const sharing: SharedProvisioner = {
      ...{ ...common, kind: 'shared' },
      renewal: { oldEnds: 'after', words: l10n.t('All vehicles keep the one they have.') },
      fetch: () => Promise.resolve(pair),
    };
    const { deps } = depsOf(sharing, 'a');
    assert.equal((await provision(request, deps, testWork())).identity.certificateId, id);
    const work = testWork();
    const { previous } = await rotate({ ...request, deleteOld: true }, deps, work);
    assert.deepEqual(previous, { certificateId: id, status: 'active' });
    assert.match(messages(work).join('\n'), /stays: all vehicles of this CMS connect with it\./);
    assert.equal(await statusOf(id), 'ACTIVE');
    assert.equal((await provision(request, depsOf(sharing, 'b').deps, testWork())).result, 'created');
  });

  it('is described anew in a file that an older version wrote, which keeps when that was', async () => {
    const { deps } = depsOf(switching, 'a');
    await provision(request, deps, testWork());
    const file = join(folder, 'a', VEHICLE.id, 'provisioning.json');
    const written = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    const older = { ...written, provisionedAt: '2024-05-06T07:08:09.000Z', tags: ['night'] };
    for (const key of ['generation', 'vin', 'id']) Reflect.deleteProperty(older, key);
    await writeFile(file, JSON.stringify(older));
    assert.equal((await provision(request, deps, testWork())).result, 'found');
    const now = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    assert.deepEqual(now, { ...written, provisionedAt: '2024-05-06T07:08:09.000Z', tags: ['night'] });
    assert.equal(written.generation, 'made-up');
  });
});
