import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import * as z from 'zod';
import type { Generation } from '../cms/contract/generation.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { flatResult, type OnboardingResult } from '../onboarding/onboard.ts';
import { generateVin } from '../cms/contract/vin.ts';
import { createCaFolder } from '../provisioning/ca/caFolder.ts';
import { SECRET_HEADER, type SandboxReady } from '../protocol/sandboxReady.ts';
import { demoOf } from './demoOf.ts';
import { demoDrive, liveOf, readAnswer } from './demoDrive.ts';
import { EXIT } from './exitCodes.ts';
import { seconds } from './format.ts';
import { onboardVehicle, type OnboardFlags } from './onboard.ts';
import { describeSteps } from './onboardText.ts';
import { openStack } from './open.ts';
import { examples, withOutput } from './options.ts';
import type { OutputOptions } from './output.ts';
import { startSandbox } from './sandboxProcess.ts';
import { inSession, type Session } from './session.ts';

const STACK = 'cms-dev1';
const USER = { username: 'testCMSUser1', firstName: 'Test', lastName: 'User' };

/** The messages that the cloud received from a vehicle, as the sandbox reports them. */
const messagesSchema = z.object({
  messages: z.array(
    z.object({
      messageId: z.string().nullish(),
      topic: z.string(),
      accepted: z.boolean(),
      reason: z.string().nullish(),
    }),
  ),
});

interface DemoVehicle {
  result: OnboardingResult;
  /** The vehicle's files in the certificate folder. */
  files: string[];
  /** How many messages the cloud received. */
  received: number;
  ms: number;
}

export function addDemo(program: Command, generations: readonly Generation[]): void {
  const [usual, ...others] = generations.filter(
    (each) => each.onboarding !== undefined && each.open !== undefined,
  );
  const command = program
    .command('demo')
    .description('onboard two vehicles onto its own sandbox, drive them, read everything back, and clean up');
  command.addOption(
    new Option(
      '--provisioner <way>',
      'how the vehicles get their certificates; jitp and jitr make a CA for the demo',
    )
      .choices(['claim', 'jitp', 'jitr'])
      .default('claim'),
  );
  command.addOption(
    new Option(
      '--generation <id>',
      'generation of the CMS in the sandbox; all but the default also rotate a certificate and offboard',
    )
      .choices([usual, ...others].map((generation) => generation?.id ?? ''))
      .default(usual?.id),
  );
  examples(
    withOutput(command),
    'cms-enablement demo',
    'cms-enablement demo --provisioner jitp',
    'cms-enablement demo --json',
  );
  command.action(({ generation, ...flags }: DemoFlags) =>
    inSession(flags, (session) => {
      const other = others.find(({ id }) => id === generation);
      return other === undefined ? run(flags, session) : runOther(other, flags, session);
    }),
  );
}

type DemoFlags = OutputOptions & { provisioner: 'claim' | 'jitp' | 'jitr'; generation?: string };

/** The name of what is installed for a generation that has no demo of its own. */
const NAME = 'cms';

async function runOther(
  { id, label, onboarding }: Generation,
  { provisioner, ...flags }: DemoFlags,
  session: Session,
): Promise<number> {
  if (provisioner !== 'claim') {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('The demo of {generation} has no vehicles with certificates of a CA of your own.', {
        generation: label,
      }),
      { remedy: l10n.t('Leave out --provisioner, or --generation.') },
    );
  }
  const { output, work } = session;
  const started = work.clock.now();
  const folder = await mkdtemp(join(tmpdir(), 'cms-enablement-demo-'));
  try {
    work.progress({ step: 'sandbox', level: 'info', message: l10n.t('Starting a sandbox') });
    const sandbox = await startSandbox(
      [
        '--http-port',
        '0',
        '--mqtt-port',
        '0',
        '--install',
        `${id}:${NAME}`,
        '--state',
        join(folder, 'state'),
      ],
      folder,
      work.signal,
    );
    try {
      useDummyCredentials(folder);
      const place = { ...connectionTo(sandbox.ready), certs: join(folder, 'certs'), deployment: NAME };
      if (onboarding !== undefined) await demoOf(onboarding, { ...place, ...flags }, session);
    } finally {
      await sandbox.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  const ms = work.clock.now() - started;
  const text = `\nTwo vehicles onboard, driven, read back and taken off in ${seconds(ms)}; everything is cleaned up.`;
  output.result('result', { ok: true, ms }, text);
  return EXIT.ok;
}

async function run(
  { provisioner, ...flags }: Omit<DemoFlags, 'generation'>,
  session: Session,
): Promise<number> {
  const { output, work } = session;
  const started = work.clock.now();
  const folder = await mkdtemp(join(tmpdir(), 'cms-enablement-demo-'));
  try {
    work.progress({ step: 'sandbox', level: 'info', message: l10n.t('Starting a sandbox') });
    const sandbox = await startSandbox(
      ['--http-port', '0', '--mqtt-port', '0', '--stack', STACK, '--state', join(folder, 'state')],
      folder,
      work.signal,
    );
    try {
      const { ready } = sandbox;
      const { endpoint, mqttEndpoint, caFile, region, accountId, stacks } = ready;
      const shown = { ready: true, endpoint, mqttEndpoint, caFile, region, accountId, stacks };
      output.result(
        'sandbox',
        { ...shown, ms: work.clock.now() - started },
        `Sandbox  ${ready.endpoint}, MQTT ${ready.mqttEndpoint}, ready in ${seconds(work.clock.now() - started)}`,
      );
      useDummyCredentials(folder);
      const common = {
        ...USER,
        ...connectionTo(ready),
        certs: join(folder, 'certs'),
        caFolder: join(folder, 'ca'),
        stack: STACK,
        provisioner,
        ...flags,
      };
      if (provisioner !== 'claim') {
        work.progress({ step: 'ca', level: 'info', message: l10n.t('Making a CA') });
        // It ends with the folder, a minute from now.
        const ca = {
          commonName: 'Demo CA',
          rule: {},
          days: 1,
          passphrase: undefined,
          now: started,
          deviceDays: 1,
        };
        await createCaFolder(common.caFolder, ca);
      }
      const requests: OnboardFlags[] = [
        { ...common, vin: 'LSH14J4C4LA046511' },
        { ...common, vin: generateVin(work.random), keys: 'csr-ec', make: 'Acme', model: 'Cityvan' },
      ];
      for (const request of requests) {
        const vehicle = await onboardAndReadBack(request, ready, session);
        output.result(
          'vehicle',
          { ...vehicle, result: flatResult(vehicle.result) },
          describe(vehicle, common.certs),
        );
      }
      const vins = requests.map(({ vin }) => String(vin));
      await demoDrive(vins, common, ready.secret, session);
    } finally {
      await sandbox.stop();
    }
  } finally {
    // Windows may keep a file locked for a moment after its process has ended.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  const ms = work.clock.now() - started;
  output.result(
    'result',
    { ok: true, ms },
    `\nTwo vehicles onboard and driven in ${seconds(ms)}; everything is cleaned up.`,
  );
  return EXIT.ok;
}

async function onboardAndReadBack(
  request: OnboardFlags,
  ready: SandboxReady,
  session: Session,
): Promise<DemoVehicle> {
  const { work } = session;
  const started = work.clock.now();
  const result = await onboardVehicle(request, session);
  const ms = work.clock.now() - started;

  const { connection, deployment } = await openStack({ ...request, username: USER.username }, session);
  const live = await liveOf(deployment, result.vin, work.signal);
  if (live?.make !== result.live?.make || live?.model !== result.live?.model) {
    throw new CmsError(
      'VEHICLE_NOT_VISIBLE',
      l10n.t('The fleet manager does not show {vin} as it did before.', { vin: result.vin }),
    );
  }
  const url = `${ready.endpoint}/_sandbox/vehicles/${result.vin}/messages`;
  const headers = { [SECRET_HEADER]: ready.secret };
  const reply = await connection.http().send({ method: 'GET', url, headers, signal: work.signal });
  const { messages } = readAnswer(messagesSchema, reply.text);
  const refused = messages.find((message) => !message.accepted);
  if (refused || messages.length === 0) {
    const { vin } = result;
    const reason = refused?.reason ?? 'no reason given';
    throw new CmsError(
      'VEHICLE_NOT_VISIBLE',
      refused
        ? l10n.t('{vin}: the cloud refused a message of it: {reason}.', { vin, reason })
        : l10n.t('{vin}: the cloud received nothing of it.', { vin }),
    );
  }
  const files = (await readdir(join(request.certs, result.vin))).sort();
  return { result, files, received: messages.length, ms };
}

function connectionTo(ready: SandboxReady) {
  const { endpoint, caFile, region, secret } = ready;
  return { endpoint, ca: caFile, region, endpointSecret: secret };
}

/** Replaces the user's AWS credentials and profiles in this process by dummies. */
function useDummyCredentials(folder: string): void {
  for (const name of Object.keys(process.env)) {
    if (/^AWS_(?!SDK_)/.test(name)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, {
    AWS_CONFIG_FILE: join(folder, 'aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'aws-credentials'),
    AWS_ACCESS_KEY_ID: 'AKIADEMO000000000000',
    AWS_SECRET_ACCESS_KEY: 'demo',
    CMS_PASSWORD: `Demo-${randomBytes(9).toString('base64url')}-1a`,
  });
}

function describe({ result, files, received, ms }: DemoVehicle, certs: string): string {
  const { live } = result;
  const place = live?.position
    ? `${live.position.latitude.toFixed(5)}, ${live.position.longitude.toFixed(5)}`
    : 'nowhere';
  return [
    '',
    `${result.vin}  onboard ${result.stack} as ${USER.username} in ${seconds(ms)}`,
    ...describeSteps(result.steps),
    `  Fleet manager: ${live?.make ?? ''} ${live?.model ?? ''} ${live?.modelYear ?? ''} at ${place}; messages received: ${received}`,
    `  Files: ${join(certs, result.vin)}`,
    ...files.map((file) => `    ${file}`),
  ].join('\n');
}
