import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Capability } from '../../src/cms/contract/capability.ts';
import { IAM } from '../../src/cms/contract/credentials.ts';
import { GENERATIONS } from '../../src/cms/generations.ts';
import type { LiveVehicle, VehicleRecord } from '../../src/cms/contract/vehicles.ts';
import { CmsError } from '../../src/core/errors.ts';
import { l10n } from '../../src/core/message.ts';
import { Node } from '../../src/editor/base/node.ts';
import { expiryWords } from '../../src/editor/vehicles/certificateState.ts';
import { VehicleNode } from '../../src/editor/vehicles/vehicleNode.ts';
import { telemetryWords, vehicleTooltip } from '../../src/editor/vehicles/vehicleWords.ts';
import type { ReadDeployment, VehicleSources } from '../../src/editor/vehicles/vehicleSources.ts';
import { silentLog } from '../support/editor/silentLog.ts';

const REF = { connectionId: 'sandbox', stack: 'cms-dev1' };
const RECORD: VehicleRecord = {
  vin: 'LSH14J4C4LA046511', id: 'LSH14J4C4LA046511', thingName: 'LSH14J4C4LA046511', make: 'Acme', model: 'DN', modelYear: 2019, attributes: {}, owners: [],
}; // prettier-ignore
const PROVISION: Capability = { id: 'provision', title: l10n.verbatim('-'), needs: IAM, no: undefined };
const LIVE = { troubleCodes: [], position: undefined } as unknown as LiveVehicle;

/** The row above. */
class List extends Node {
  readonly id = 'vehicles';

  override item(): vscode.TreeItem {
    return new vscode.TreeItem('Vehicles');
  }
}

/** A vehicle whose certificate, in the workspace and in AWS IoT, is what the test says. */
function world(capabilities = [PROVISION]) {
  const files: { certificateId: string | undefined; why?: CmsError } = { certificateId: undefined };
  const cloud = {
    live: (): Promise<LiveVehicle | undefined> => Promise.resolve(LIVE),
    certificate: (_id: string): Promise<{ status: string } | undefined> =>
      Promise.resolve({ status: 'ACTIVE' }),
  };
  const deployment = { vehicles: { live: () => cloud.live() } } as unknown as ReadDeployment;
  const store = {
    production: () => {
      const { certificateId, why } = files;
      if (why !== undefined) return Promise.resolve({ kind: 'unusable', why, foreignIssuer: false });
      const pair = {
        ...{ certificateId, notAfter: new Date(Date.now() + 4000 * 86_400_000) },
        facts: { certificateArn: 'arn:aws:iot:us-west-2:123456789012:cert/one' },
      };
      return Promise.resolve(certificateId === undefined ? { kind: 'none' } : { kind: 'ok', pair });
    },
  };
  const workspace = { store: store as typeof store | undefined };
  const sources = {
    connections: { open: () => Promise.resolve({}) },
    backend: () => ({
      GENERATIONS: [],
      createCloudIdentities: () => ({ certificate: (id: string) => cloud.certificate(id) }),
    }),
    certificates: { peek: () => workspace.store },
    driving: { driveOf: () => undefined, lastSentAt: () => undefined },
    lastSeen: new Map<string, LiveVehicle>(),
    log: silentLog,
  } as unknown as VehicleSources;
  const node = new VehicleNode(sources, new List(undefined), { ref: REF, capabilities }, RECORD);
  const words = (): string => String(node.item().description).split(' · ')[0] ?? '';
  const { signal } = new AbortController();
  return { files, cloud, workspace, node, words, readState: () => node.readState(deployment, signal) };
}

describe('The last telemetry of a vehicle', () => {
  it('is told with its time first, where the CMS says when it came', () => {
    const at = Date.UTC(2026, 10, 30, 12, 34);
    const position = { latitude: 48.1, longitude: 11.5, headingDegrees: 0 };
    const [time = '', ...others] = telemetryWords({ ...LIVE, position, at }).words.split(' · ');
    const said = new Date(at).toLocaleTimeString(vscode.env.language, { timeStyle: 'short' });
    assert.ok(time.includes(said), `${time} has ${said}`);
    assert.deepEqual(others, ['48.10000, 11.50000']);
    assert.equal(telemetryWords({ ...LIVE, position }).words, '48.10000, 11.50000');
    // Where the CMS does not say it, this window knows when it sent the last one.
    assert.equal(telemetryWords({ ...LIVE, position }, at).words, [time, ...others].join(' · '));
  });
});

describe('The tooltip of a vehicle', () => {
  it('says its attributes in the words of the wizard', () => {
    const attributes = { bodyType: 'Saloon', colorName: 'Red', condition: 'known', dataSource: 'telemetry' };
    const { value } = vehicleTooltip(
      { record: { ...RECORD, attributes }, words: 'live', problem: undefined },
      GENERATIONS,
    );
    for (const words of ['Body', 'Sedan', 'Color name', 'Data source'])
      assert.ok(value.replaceAll('&nbsp;', ' ').includes(words), `${words} in ${value}`);
    assert.doesNotMatch(value, /bodyType|condition/);
  });
});

describe('The row of a vehicle', () => {
  it('stays live while nobody can say whether it is', async () => {
    const { cloud, words, readState } = world();
    assert.equal(await readState(), true);
    assert.equal(words(), 'live');
    cloud.live = () => Promise.reject(new Error('The network is down.'));
    assert.equal(await readState(), false);
    assert.equal(words(), 'live');
    cloud.live = () => Promise.resolve(undefined);
    assert.equal(await readState(), true);
    assert.equal(words(), 'registered');
  });

  it('warns of a certificate that expires soon, or has expired', () => {
    const at = (days: number) => ({ notAfter: new Date(days * 86_400_000) });
    assert.equal(expiryWords(at(31), 0), undefined);
    assert.equal(expiryWords(at(30), 0), 'certificate expires soon');
    assert.equal(expiryWords(at(-1), 0), 'certificate expired');
  });

  it('does not give a new certificate the status of the one before', async () => {
    const { files, cloud, node, words, readState } = world();
    cloud.live = () => Promise.resolve(undefined);
    files.certificateId = 'old';
    await node.readLocal();
    let answer: (certificate: { status: string }) => void = () => undefined;
    let asked: () => void = () => undefined;
    const asking = new Promise<void>((resolve) => (asked = resolve));
    cloud.certificate = () => {
      asked();
      return new Promise((resolve) => (answer = resolve));
    };
    const late = readState();
    await asking;
    files.certificateId = 'new';
    await node.readLocal();
    answer({ status: 'INACTIVE' });
    await late;
    assert.equal(words(), 'certificate in workspace');
  });

  it('says whether the workspace has something else of it than before', async () => {
    const { files, node } = world();
    assert.equal(await node.readLocal(), false);
    files.certificateId = 'one';
    assert.equal(await node.readLocal(), true);
    assert.equal(await node.readLocal(), false);
  });

  it('has no ARN that only a file of the workspace names', async () => {
    const { files, node } = world();
    files.certificateId = 'one';
    await node.readLocal();
    assert.equal(node.arn, undefined);
  });

  it('has no certificate once its workspace folder is closed', async () => {
    const { files, workspace, node, words } = world();
    files.certificateId = 'one';
    await node.readLocal();
    assert.equal(words(), 'certificate in workspace');
    workspace.store = undefined;
    assert.equal(await node.readLocal(), true);
    assert.equal(words(), 'registered');
  });

  it('offers to rotate its certificate only while that can be used', async () => {
    const { files, node } = world();
    files.certificateId = 'one';
    await node.readLocal();
    assert.match(node.item().contextValue ?? '', /\bhasCertificate canRotate\b/);
    files.why = new CmsError('CERTIFICATE_UNUSABLE', l10n.verbatim('It expired.'));
    await node.readLocal();
    assert.match(node.item().contextValue ?? '', /\bhasCertificate idle\b/);
  });

  it('offers what its deployment can do', async () => {
    const { files, node } = world();
    files.certificateId = 'one';
    await node.readLocal();
    assert.match(node.item().contextValue ?? '', /\bcan\.provision\b/);
    const cannot = world([{ ...PROVISION, no: l10n.verbatim('it has no keys') }]);
    cannot.files.certificateId = 'one';
    await cannot.node.readLocal();
    assert.match(cannot.node.item().contextValue ?? '', /\bhasCertificate idle\b/);
    assert.doesNotMatch(cannot.node.item().contextValue ?? '', /\bcan\./);
  });
});
