import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { startAwsRelay } from './awsRelay.ts';
import type { CmsOnAwsBench } from './cmsOnAws.ts';
import { until } from './until.ts';

/** Calls that change nothing: to die before or after one comes to the same. */
const LOOKS = /^\w+:(?:Batch)?(?:Get|List|Describe|Query|Scan)|^lambda:/;

export function isChange(operation: string): boolean {
  return !LOOKS.test(operation);
}

/** The operation without what it is about. */
export function nameOf(operation: string): string {
  return operation.split('#')[0] ?? '';
}

/**
 * Runs a command and kills it at the call that `isPoint` chooses: before AWS gets it, or when AWS has done it and the
 * command does not know yet. @returns where that was; undefined when the command ended first
 */
export async function dieAtCall(
  bench: { sandbox: { endpoint: string }; start: CmsOnAwsBench['start'] },
  args: string[],
  { when, isPoint }: { when: 'before' | 'after'; isPoint: (operation: string) => boolean | Promise<boolean> },
): Promise<string | undefined> {
  let where: string | undefined;
  let child: ChildProcess | undefined;
  const isDead = (): boolean => where !== undefined;
  /** One call is looked at after the other: of two at the same time the first may be the point. */
  let looking: Promise<unknown> = Promise.resolve();
  const die = async (operation: string): Promise<undefined> => {
    const looked = looking.then(async () => !isDead() && (await isPoint(operation)));
    looking = looked.catch(() => undefined);
    if (!(await looked) || isDead()) return undefined;
    where = `${when} ${nameOf(operation)}`;
    child?.kill('SIGKILL');
    // It gets no answer.
    return new Promise<undefined>(() => undefined);
  };
  const relay = await startAwsRelay(bench.sandbox, {
    [when]: (call: { operation: string }) => die(call.operation),
  });
  try {
    const start = { endpoint: relay.endpoint, onStart: (started: ChildProcess) => (child = started) };
    const done = await bench.start(args, start);
    assert.equal(done.code === null, where !== undefined, done.stderr);
    return where;
  } finally {
    await relay.close();
  }
}

/** Kills a command when it says that it begins a step. */
export async function dieAtStep(bench: CmsOnAwsBench, args: string[], step: string): Promise<void> {
  const { code, stderr } = await bench.start([...args, '--json'], {
    onOutput(child, text) {
      if (text.includes(`"step":"${step}"`)) child.kill('SIGKILL');
    },
  });
  assert.equal(code, null, `${step}: ${stderr}`);
}

/** What a vehicle does with its claim, and what is said of it with `--verbose`. */
export const IN_CLAIM = {
  connect: 'Connecting to',
  create: 'Asking for keys and a certificate',
  save: 'Saving certificate',
  provision: 'Registering with template',
} as const;

/**
 * Kills a command while its vehicle uses the claim. `hang`: AWS IoT never gets the request; `swallow`: it has done what
 * was asked for, and does not answer.
 */
export async function dieInClaim(
  bench: CmsOnAwsBench,
  args: string[],
  { vin, step, kind }: { vin: string; step: keyof typeof IN_CLAIM; kind: 'hang' | 'swallow' },
): Promise<void> {
  const operation = step === 'connect' ? `mqtt:connect:claim-Vehicle_${vin}` : `mqtt:claim:${step}`;
  if (step !== 'save') await bench.sandbox.fault({ operation, action: { kind } });
  let isKilled = false;
  const { code } = await bench.start([...args, '--verbose'], {
    onOutput(child, text) {
      if (isKilled || !text.includes(IN_CLAIM[step])) return;
      isKilled = true;
      // When the broker has the request, or never gets it.
      void until('the fault was met', async () => {
        const { faults } = (await bench.sandbox.ask('GET', 'health')) as { faults: number };
        return faults === 0;
      }).finally(() => child.kill('SIGKILL'));
    },
  });
  assert.equal(code, null);
  await bench.sandbox.ask('DELETE', 'faults');
}
