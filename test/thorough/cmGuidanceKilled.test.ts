import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeCertificateCommand,
  DescribeThingCommand,
  IoTClient,
  ListThingPrincipalsCommand,
} from '@aws-sdk/client-iot';
import { ADMIN, type GuidanceBench, openGuidance } from '../support/guidanceBench.ts';
import { testCredentials } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

/** Where a run dies: at a call of the sandbox, which is done and not answered (`swallow`) or never done (`hang`); at a step. */
interface Point {
  readonly at: string;
  readonly kind: 'swallow' | 'hang' | 'step';
  /** Calls of the operation before it that pass. */
  readonly after?: number;
  /** What else the run is told. */
  readonly with?: Readonly<Record<string, string>>;
  /** Whether the gateway has the routes to change and delete vehicles. */
  readonly routes?: 'absent';
}
const swallow = (at: string, more: Omit<Point, 'at' | 'kind'> = {}): Point => ({
  at,
  kind: 'swallow',
  ...more,
});
const hang = (at: string): Point => ({ at, kind: 'hang' });
const step = (at: string): Point => ({ at, kind: 'step' });

/** The run makes the user, too: the first of all steps. */
const SIGNING_IN = ['AdminCreateUser', 'AdminAddUserToGroup', 'AdminSetUserPassword'].map((name, i) =>
  swallow(`cognito-idp:${name}`, { with: { username: `new${i}@example.com` } }),
);
const ownKey = { with: { keys: 'csr-ec' } };
const byTable = { routes: 'absent', with: { enrollment: 'table' } } as const;
const ONBOARDING: readonly Point[] = [
  swallow('cm-guidance:POST /api/v1/fleets'),
  swallow('cm-guidance:POST /api/v1/vehicles'),
  swallow('cm-guidance:PUT /api/v1/vehicles/{vehicleId}'),
  swallow('dynamodb:PutItem', byTable),
  swallow('dynamodb:UpdateItem', byTable),
  hang('iot:DescribeCertificate'),
  step('check-policy'),
  step('first-telemetry'),
  step('seen'),
  swallow('iot:CreateCertificateFromCsr', ownKey),
  swallow('iot:AttachPolicy', ownKey),
  swallow('iot:AttachThingPrincipal', ownKey),
  swallow('iot:UpdateCertificate', ownKey),
  swallow('dynamodb:PutItem', ownKey),
  // The old one, when the new one is in service.
  swallow('iot:UpdateCertificate', { ...ownKey, after: 1 }),
];
const OFFBOARDING: readonly Point[] = [
  hang('iot:UpdateCertificate'),
  swallow('iot:UpdateCertificate'),
  swallow('iot:DetachPolicy'),
  swallow('iot:DetachThingPrincipal'),
  swallow('iot:DeleteCertificate'),
  swallow('iot:DeleteThing'),
  swallow('dynamodb:DeleteItem'),
  swallow('dynamodb:DeleteItem', { after: 1 }),
  swallow('dynamodb:DeleteItem', { after: 2, routes: 'absent' }),
  swallow('cm-guidance:DELETE /api/v1/vehicles/{vehicleId}'),
  step('files'),
];
const nameOf = ({ kind, at, after = 0, with: more }: Point): string =>
  [kind, at, ...(after === 0 ? [] : [`after ${after}`]), ...Object.values(more ?? {})].join(' ');

type Row = Partial<Record<'vehicleId' | 'vin' | 'name' | 'certificateId', { S?: string }>>;
/** What the CMS has of its vehicles. */
type Tables = Record<'vehicles' | 'fleets' | 'fleet-enrollment' | 'vehicle-certificates', Row[]>;

describe('Work for Guidance for Connected Mobility that is killed', function () {
  this.timeout(600_000);
  let bench: GuidanceBench;
  let dynamoDb: DynamoDBClient;
  let iot: IoTClient;
  before(async () => {
    bench = await openGuidance(76_000, ['cm-guidance:dev,change=present']);
    const { endpoint } = bench.sandbox;
    const options = { endpoint, region: 'us-west-2', credentials: testCredentials };
    dynamoDb = new DynamoDBClient(options);
    iot = new IoTClient(options);
  });
  after(() => bench.close());
  afterEach(() => turn('present'));

  const turn = (change: 'present' | 'absent') => bench.sandbox.ask('PUT', 'cm-guidance/dev', { change });
  async function tables(): Promise<Tables> {
    const scan = async (name: keyof Tables): Promise<Row[]> => {
      const command = new ScanCommand({ TableName: `cms-dev-storage-${name}` });
      return (await dynamoDb.send(command)).Items ?? [];
    };
    return {
      vehicles: await scan('vehicles'),
      fleets: await scan('fleets'),
      'fleet-enrollment': await scan('fleet-enrollment'),
      'vehicle-certificates': await scan('vehicle-certificates'),
    };
  }
  const start = (args: string[], onStart?: (child: ChildProcess) => void, step_?: string) =>
    bench.cli([...args, ...bench.place(), '--json'], {
      ...(onStart && { onStart }),
      ...(step_ !== undefined && {
        onOutput(child, text) {
          if (text.includes(`"step":"${step_}"`)) child.kill('SIGKILL');
        },
      }),
    });

  async function dieAt(point: Point, args: string[]): Promise<void> {
    const { at, kind, after = 0, routes } = point;
    await turn(routes ?? 'present');
    const about = nameOf(point);
    if (kind === 'step') {
      const { code, stdout } = await start(args, undefined, at);
      assert.equal(code, null, `${about} never came\n${stdout}`);
      return;
    }
    const passing = { operation: at, count: after, action: { kind: 'delay', ms: 0 } };
    if (after > 0) await bench.sandbox.fault(passing);
    await bench.sandbox.fault({ operation: at, action: { kind } });
    const { code, stdout, stderr } = await start(args, (child) => {
      void until('the point is met', async () => {
        const { faults } = (await bench.sandbox.ask('GET', 'health')) as { faults: number };
        return faults === 0 || child.exitCode !== null;
      }).finally(() => child.kill('SIGKILL'));
    });
    assert.equal(code, null, `${about} was not asked for\n${stdout}\n${stderr}`);
    await bench.sandbox.ask('DELETE', 'faults');
  }

  const onboarding = (vin: string, { with: more = {} }: Point = step('')): string[] => {
    const wanted = { vin, username: ADMIN, fleetName: `Fleet of ${vin}`, ...more };
    return [
      'onboard',
      ...Object.entries(wanted).flatMap(([name, value]) => [
        `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
        value,
      ]),
    ];
  };
  async function done(args: string[], about: string): Promise<void> {
    const { code, stdout, stderr } = await start(args);
    assert.equal(code, 0, `${about}\n${stdout}\n${stderr}`);
  }
  /** Onboards all of them in one run, which goes on with those that were begun. */
  async function onboardAll(all: readonly (readonly [vin: string, point: Point])[]): Promise<void> {
    const file = path.join(bench.folder, 'fleet.csv');
    const lines = all.map(([vin, { with: more }]) =>
      [vin, `Fleet of ${vin}`, ADMIN, more?.keys ?? 'keys', 'table'].join(','),
    );
    await writeFile(file, ['vin,fleetName,username,keys,enrollment', ...lines, ''].join('\n'));
    await done(['onboard', '--fleet', file], 'the whole fleet');
  }

  /** One row, one fleet and one enrollment, and one certificate in service that table, AWS IoT and disk agree on. */
  async function whole(vin: string, about: string, there: Tables): Promise<void> {
    const rows = there.vehicles.filter((row) => row.vin?.S === vin);
    assert.equal(rows.length, 1, `${about}: vehicles`);
    const id = rows[0]?.vehicleId?.S ?? '';
    const fleets = there.fleets.filter(({ name }) => name?.S === `Fleet of ${vin}`);
    assert.equal(fleets.length, 1, `${about}: fleets`);
    const enrolled = there['fleet-enrollment'].filter((row) => row.vehicleId?.S === id);
    assert.equal(enrolled.length, 1, `${about}: enrollments`);
    const read = (name: string) => readFile(path.join(bench.folder, 'certs', id, name), 'utf8');
    const certificate = new X509Certificate(await read('production-certificate.pem.crt'));
    const key = createPrivateKey(await read('production-private.pem.key'));
    assert.ok(certificate.checkPrivateKey(key), about);
    const certificateId = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    const kept = there['vehicle-certificates'].filter((row) => row.vehicleId?.S === id);
    assert.deepEqual(
      kept.map((row) => row.certificateId?.S),
      [certificateId],
      about,
    );
    const { principals = [] } = await iot.send(new ListThingPrincipalsCommand({ thingName: vin }));
    const active: string[] = [];
    for (const arn of principals) {
      const each = arn.split('/').at(-1) ?? '';
      const command = new DescribeCertificateCommand({ certificateId: each });
      const { certificateDescription } = await iot.send(command);
      if (certificateDescription?.status === 'ACTIVE') active.push(each);
    }
    assert.deepEqual(active, [certificateId], about);
  }

  /** Nothing is left of it, here and there. */
  async function gone(vin: string, id: string, about: string): Promise<void> {
    const there = await tables();
    for (const table of ['vehicles', 'vehicle-certificates', 'fleet-enrollment'] as const)
      assert.ok(!there[table].some((row) => row.vehicleId?.S === id), `${about}: ${table}`);
    const thing = iot.send(new DescribeThingCommand({ thingName: vin }));
    await assert.rejects(thing, { name: 'ResourceNotFoundException' }, about);
    assert.ok(!existsSync(path.join(bench.folder, 'certs', id)), about);
  }

  const vehicles = new Map<string, Point>();

  it('an onboarding: while its user is made it is continued by the next one', async () => {
    for (const point of SIGNING_IN) {
      const vin = bench.newVin();
      await dieAt(point, onboarding(vin, point));
      await done(onboarding(vin, point), nameOf(point));
      await whole(vin, nameOf(point), await tables());
    }
  });

  it('an onboarding: after any change, and at any step, it is continued by the next one', async () => {
    for (const point of ONBOARDING) {
      const vin = bench.newVin();
      vehicles.set(vin, point);
      await dieAt(point, onboarding(vin, point));
    }
    await turn('present');
    await onboardAll([...vehicles]);
    const there = await tables();
    for (const [vin, point] of vehicles) await whole(vin, nameOf(point), there);
  });

  it('an offboarding: after any change, and at any step, it is continued by the next one', async () => {
    const vins = OFFBOARDING.map((_, i) => [...vehicles.keys()][i] ?? bench.newVin());
    await onboardAll(vins.map((vin) => [vin, step('')]));
    const { vehicles: rows } = await tables();
    for (const [i, point] of OFFBOARDING.entries()) {
      const vin = vins[i] ?? '';
      const id = rows.find((row) => row.vin?.S === vin)?.vehicleId?.S ?? '';
      const args = ['offboard', '--vin', vin, '--username', ADMIN, '--yes'];
      await dieAt(point, args);
      await done(args, nameOf(point));
      await gone(vin, id, nameOf(point));
    }
  });
});
