import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { runCli } from '../support/cli.ts';
import { type GuidanceClient, guidanceClient, PASSWORD } from '../support/guidance.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';

const run = promisify(execFile);
const env = {
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
  CMS_PASSWORD: PASSWORD,
};
const VIN = 'LSH14J4C4LA063001';
const RULE = 'cms_dev_iot_msk_rule';
const ADMIN = 'admin@example.com';

interface Vehicle {
  vehicleId: string;
  fleetId: string;
  certificateId: string;
}
interface Finding {
  id: string;
  status: string;
  message: string;
}

/** What is wrong, how it comes and goes, and what the doctor finds then: by which check, with which words. */
interface Fault {
  readonly what: string;
  readonly check: string;
  readonly status: 'fail' | 'warn';
  readonly words: RegExp;
  readonly inject: () => Promise<unknown>;
  readonly mend: () => Promise<unknown>;
}

describe('The doctor of Guidance for Connected Mobility finds by name', function () {
  this.timeout(180_000);
  let sandbox: SandboxProcess;
  let folder: string;
  let guidance: GuidanceClient;
  let vehicle: Vehicle;

  before(async () => {
    sandbox = await startSandbox({
      args: ['--install', 'cm-guidance:dev', '--no-limits'],
    });
    folder = await mkdtemp(path.join(os.tmpdir(), 'cm-guidance-faults-'));
    guidance = guidanceClient(() => sandbox);
    await guidance.signIn({ email: ADMIN, groups: ['platform-admin'] });
    const onboarding = ['--vin', VIN, '--fleet-name', 'Vans', '--enrollment', 'table', '--json'];
    const onboarded = await cli('onboard', ...place(), '--username', ADMIN, ...onboarding);
    assert.equal(onboarded.code, 0, `${onboarded.stdout}\n${onboarded.stderr}`);
    vehicle = onboarded.objects().find(({ type }) => type === 'result') as unknown as Vehicle;
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const cli = (...args: string[]) => runCli(args, { env, cwd: folder });
  const place = () => [
    ...['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'],
    ...['--deployment', 'dev'],
  ];

  const isWrong = ({ status }: Finding): boolean => status === 'fail' || status === 'warn';
  async function diagnose({ username = ADMIN } = {}): Promise<Map<string, Finding>> {
    const about = ['--username', username, '--vin', VIN, '--no-publish', '--json'];
    const done = await cli('doctor', ...place(), ...about);
    const findings = done.objects().filter(({ type }) => type === 'finding') as unknown as Finding[];
    assert.ok(findings.length > 0, `${done.stdout}\n${done.stderr}`);
    return new Map(findings.map((finding) => [finding.id, finding]));
  }

  const to = (change: object) => sandbox.ask('PUT', 'cm-guidance/dev', change);
  const arn = async (certificateId = vehicle.certificateId): Promise<string> => {
    const { certificateDescription } = (await guidance.aws(
      ...['iot', 'describe-certificate', '--certificate-id', certificateId],
    )) as { certificateDescription: { certificateArn: string } };
    return certificateDescription.certificateArn;
  };
  const setVehicle = (name: string, value: string) =>
    guidance.aws(
      ...['dynamodb', 'update-item', '--table-name', 'cms-dev-storage-vehicles', '--key'],
      JSON.stringify({ vehicleId: { S: vehicle.vehicleId } }),
      ...[
        '--update-expression',
        'SET #n = :v',
        '--expression-attribute-names',
        JSON.stringify({ '#n': name }),
      ],
      ...['--expression-attribute-values', JSON.stringify({ ':v': { S: value } })],
    );
  const enrollment = () => ({
    PK: { S: `FLEET#${vehicle.fleetId}` },
    SK: { S: `VEHICLE#${vehicle.vehicleId}` },
  });
  /** Rows of the vehicle that are gone for a while. */
  const takenOut = new Map<string, unknown>();
  const table = (call: string, name: string, ...more: string[]) =>
    guidance.aws('dynamodb', call, '--table-name', `cms-dev-storage-${name}`, ...more);
  async function takeOut(name: string): Promise<void> {
    const key = ['--key', JSON.stringify({ vehicleId: { S: vehicle.vehicleId } })];
    takenOut.set(name, (await table('get-item', name, ...key)).Item);
    await table('delete-item', name, ...key);
  }
  const putBack = (name: string) => table('put-item', name, '--item', JSON.stringify(takenOut.get(name)));
  const setCertificate = (status: string) =>
    guidance.aws(
      ...['iot', 'update-certificate', '--certificate-id', vehicle.certificateId, '--new-status', status],
    );
  const policyOf = async (call: string, policy = 'CMS-Vehicle-IoT-Policy') =>
    guidance.aws('iot', call, '--policy-name', policy, '--target', await arn());

  async function makePolicy(name: string, ...allowed: object[]): Promise<void> {
    const Statement = allowed.map((each) => ({ Effect: 'Allow', ...each }));
    const document = JSON.stringify({ Version: '2012-10-17', Statement });
    await guidance.aws('iot', 'create-policy', '--policy-name', name, '--policy-document', document);
  }

  /** One message with the vehicle's certificate, by a program that is not ours. */
  async function publish(message: object): Promise<void> {
    const own = path.join(folder, 'certs', vehicle.vehicleId);
    await run('mosquitto_pub', [
      ...['-h', 'localhost', '-p', sandbox.mqttEndpoint.split(':')[1] ?? '', '--cafile', sandbox.caFile],
      ...['--cert', path.join(own, 'production-certificate.pem.crt')],
      ...['--key', path.join(own, 'production-private.pem.key'), '-V', 'mqttv311', '-i', VIN],
      ...['-q', '1', '-t', `$aws/rules/${RULE}/${vehicle.vehicleId}`],
      ...['-m', JSON.stringify({ vehicleId: vehicle.vehicleId, ...message })],
    ]);
  }

  const faults: readonly Fault[] = [
    {
      ...{ what: 'a vehicle that is not to send by itself', check: 'vehicle-row', status: 'fail' },
      words: /data source is cloud-telemetry/,
      inject: () => setVehicle('dataSource', 'cloud-telemetry'),
      mend: () => setVehicle('dataSource', 'vehicle-telemetry'),
    },
    {
      ...{ what: 'a vehicle whose row is gone', check: 'vehicle-row', status: 'fail' },
      words: /does not know the vehicle/,
      inject: () => takeOut('vehicles'),
      mend: () => putBack('vehicles'),
    },
    {
      ...{ what: 'a certificate that is gone from the table', check: 'certificate-row', status: 'fail' },
      words: /has no certificate of LSH14J4C4LA063001/,
      inject: () => takeOut('vehicle-certificates'),
      mend: () => putBack('vehicle-certificates'),
    },
    {
      ...{ what: 'a certificate that was switched off', check: 'certificate-row', status: 'fail' },
      words: /INACTIVE/,
      inject: () => setCertificate('INACTIVE'),
      mend: () => setCertificate('ACTIVE'),
    },
    {
      ...{ what: 'a certificate that is not attached', check: 'certificate-row', status: 'fail' },
      words: /not attached to the thing/,
      inject: async () =>
        guidance.aws('iot', 'detach-thing-principal', '--thing-name', VIN, '--principal', await arn()),
      mend: async () =>
        guidance.aws('iot', 'attach-thing-principal', '--thing-name', VIN, '--principal', await arn()),
    },
    {
      ...{ what: 'a certificate without a policy', check: 'policy', status: 'fail' },
      words: /has no policy/,
      inject: () => policyOf('detach-policy'),
      mend: () => policyOf('attach-policy'),
    },
    {
      ...{ what: 'a policy that forbids every topic of telemetry', check: 'policy', status: 'fail' },
      words: /narrow lets it send telemetry of the stage dev nowhere/,
      inject: async () => {
        await makePolicy(
          'narrow',
          { Action: 'iot:Connect', Resource: '*' },
          { Action: 'iot:Publish', Resource: 'arn:aws:iot:*:*:topic/nothing/*' },
        );
        await policyOf('attach-policy', 'narrow');
        await policyOf('detach-policy');
      },
      mend: async () => {
        await policyOf('attach-policy');
        await policyOf('detach-policy', 'narrow');
      },
    },
    {
      ...{ what: 'a policy that forbids its client id', check: 'policy', status: 'fail' },
      words: /other does not let it connect as LSH14J4C4LA063001/,
      inject: async () => {
        await makePolicy('other', { Action: 'iot:Connect', Resource: 'arn:aws:iot:*:*:client/other-*' });
        await policyOf('attach-policy', 'other');
        await policyOf('detach-policy');
      },
      mend: async () => {
        await policyOf('attach-policy');
        await policyOf('detach-policy', 'other');
      },
    },
    {
      ...{ what: 'a topic rule that is disabled', check: 'rule', status: 'fail' },
      words: /is disabled/,
      inject: () => guidance.aws('iot', 'disable-topic-rule', '--rule-name', RULE),
      mend: () => guidance.aws('iot', 'enable-topic-rule', '--rule-name', RULE),
    },
    {
      ...{ what: 'a destination of the rule that does not work', check: 'rule', status: 'fail' },
      words: /into the network of Kafka is ERROR/,
      inject: () => to({ destination: 'error' }),
      mend: () => to({ destination: 'enabled' }),
    },
    {
      ...{ what: 'an application of the stream that was never started', check: 'stream', status: 'fail' },
      words: /cms-dev-flink-trip-processor \(READY\)/,
      inject: () => to({ stopped: ['trip-processor'] }),
      mend: () => to({ stopped: [] }),
    },
    {
      ...{ what: 'a live feed whose service does not run', check: 'fanout', status: 'fail' },
      words: /0 of 1 task is running/,
      inject: () => to({ fanout: 'stopped' }),
      mend: () => to({ fanout: 'running' }),
    },
    {
      ...{ what: 'a live feed that was deployed before Kafka', check: 'fanout', status: 'fail' },
      words: /BOOTSTRAP_SERVERS/,
      inject: () => to({ fanout: 'placeholder' }),
      mend: () => to({ fanout: 'running' }),
    },
    {
      ...{ what: 'a fleet without its topic in Kafka', check: 'fleet-topic', status: 'warn' },
      words: /does not have cms-fleet-FLEET-\d+-telemetry/,
      inject: () => to({ fleetTopics: 'missing' }),
      mend: () => to({ fleetTopics: 'made' }),
    },
    {
      ...{ what: 'a vehicle that is enrolled nowhere', check: 'enrollment', status: 'warn' },
      words: /is in no fleet/,
      inject: () => table('delete-item', 'fleet-enrollment', '--key', JSON.stringify(enrollment())),
      mend: () => {
        const { fleetId, vehicleId } = vehicle;
        const Item = { ...enrollment(), fleetId: { S: fleetId }, vehicleId: { S: vehicleId } };
        return table('put-item', 'fleet-enrollment', '--item', JSON.stringify(Item));
      },
    },
    {
      ...{ what: 'a vehicle whose row names another fleet', check: 'enrollment', status: 'warn' },
      words: /FLEET-1\b/,
      inject: () => setVehicle('fleetId', 'FLEET-1'),
      mend: () => setVehicle('fleetId', vehicle.fleetId),
    },
  ];

  it('nothing but the missing drivers where all is well', async () => {
    const wrong = [...(await diagnose()).values()].filter(isWrong);
    assert.deepEqual(
      wrong.map(({ id }) => id),
      ['drivers'],
    );
  });

  for (const { what, check, status, words, inject, mend } of faults) {
    it(what, async () => {
      await inject();
      try {
        const finding = (await diagnose()).get(check);
        assert.equal(finding?.status, status, JSON.stringify(finding));
        assert.match(finding.message, words);
      } finally {
        await mend();
      }
    });
  }

  it('a user without groups, and an operator without fleets', async () => {
    await guidance.signIn({ email: 'nobody@example.com' });
    await guidance.signIn({ email: 'operator@example.com', groups: ['fleet-operator'] });
    for (const [username, words] of [
      ['nobody@example.com', /in no group/],
      ['operator@example.com', /fleet-operator without fleets: you will see nothing/],
    ] as const) {
      const finding = (await diagnose({ username })).get('sign-in');
      assert.equal(finding?.status, 'warn', JSON.stringify(finding));
      assert.match(finding.message, words);
    }
  });

  it('a rule that cannot hand messages on to Kafka', async () => {
    await to({ kafka: 'refused' });
    try {
      await publish({ timestamp: Date.now(), ignitionOn: true, speed: 5 });
      const finding = (await diagnose()).get('rule-errors');
      assert.equal(finding?.status, 'fail', JSON.stringify(finding));
      assert.match(finding.message, /could not hand messages on/);
    } finally {
      await to({ kafka: 'reached' });
    }
  });

  // The last: AWS IoT takes no certificate back that was revoked.
  it('a certificate that somebody revoked', async () => {
    await setCertificate('REVOKED');
    const finding = (await diagnose()).get('certificate-row');
    assert.equal(finding?.status, 'fail', JSON.stringify(finding));
    assert.match(finding.message, /REVOKED, for good/);
  });
});
