import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type AwsRelay, startAwsRelay } from '../support/awsRelay.ts';
import { openCmsOnAws, type CmsOnAwsBench } from '../support/cmsOnAws.ts';
import { until } from '../support/until.ts';

/** Calls that change nothing: to die before or after one comes to the same. */
const LOOKS = /^\w+:(?:Batch)?(?:Get|List|Describe|Query|Scan)|^lambda:/;
/** Points of one kind of work that are tried at the same time. */
const LANES = 2;
/** None has so many: an endless run is a fault. */
const MOST_POINTS = 150;

interface Work {
  name: string;
  args: (vin: string) => string[];
  /** Makes ready what is worked on; of a vehicle that another point was tried on, when there is one. */
  ready: (bench: CmsOnAwsBench, before: string | undefined) => Promise<string>;
  /** Whether everything is as it should be once the work was run again. */
  check: (bench: CmsOnAwsBench, vin: string, about: string) => Promise<void>;
  /** What the run after the kill may end with. */
  isEnd: (code: number | null, stderr: string) => boolean;
}

async function working(bench: CmsOnAwsBench): Promise<string> {
  const vin = bench.newVin();
  await bench.onboard(vin);
  return vin;
}

/** One certificate in service, which AWS IoT, the table and the disk agree on; every other attempt is over. */
async function healthy(bench: CmsOnAwsBench, vin: string, about: string): Promise<void> {
  await until(
    `the rows of ${vin} in order (${about})`,
    async () => {
      const statuses = (await bench.rows(vin)).map(([, status]) => status);
      return (
        statuses.filter((status) => status === 'ACTIVE').length === 1 &&
        statuses.every((status) => status === 'ACTIVE' || status === 'DELETED')
      );
    },
    { seen: () => bench.rows(vin) },
  );
  const certificateId = await bench.certificateOf(vin);
  assert.equal(await bench.statusOf(certificateId), 'ACTIVE', about);
  assert.deepEqual(await bench.attachedTo(vin), [certificateId], about);
  const file = path.join(bench.folder, 'certs', vin, 'production-certificate.pem.crt');
  const { fingerprint256 } = new X509Certificate(await readFile(file));
  assert.equal(fingerprint256.replaceAll(':', '').toLowerCase(), certificateId, about);
}

const WORKS: readonly Work[] = [
  {
    name: 'rotate',
    args: (vin) => ['rotate', '--vin', vin, '--yes'],
    ready: (bench, before) => (before === undefined ? working(bench) : Promise.resolve(before)),
    check: healthy,
    isEnd: (code) => code === 0,
  },
];

describe('A run for CMS on AWS that is killed', function () {
  this.timeout(600_000);
  let bench: CmsOnAwsBench;
  before(async () => {
    bench = await openCmsOnAws(70_000);
  });
  after(() => bench.close());

  /**
   * Tries the points of a work one after the other, until a run comes to its end: `kill` runs it and kills it at its point
   * number `at`, and says where that was; undefined when the run ended first.
   */
  async function everywhere(
    work: Work,
    kill: (args: string[], at: number) => Promise<string | undefined>,
  ): Promise<number> {
    let points = 0;
    const lane = async (first: number): Promise<void> => {
      let vin: string | undefined;
      for (let at = first; at < MOST_POINTS; at += LANES) {
        vin = await work.ready(bench, vin);
        const where = await kill(work.args(vin), at);
        if (where === undefined) return;
        points++;
        const about = `${work.name}, killed ${where}`;
        const again = await bench.start(work.args(vin));
        assert.ok(work.isEnd(again.code, again.stderr), `${about}\n${again.stdout}\n${again.stderr}`);
        await work.check(bench, vin, about);
      }
      assert.fail(`${work.name} never came to its end`);
    };
    await Promise.all(Array.from({ length: LANES }, (_, i) => lane(i + 1)));
    return points;
  }

  /** @param counts which calls are points */
  function atCall(when: 'before' | 'after', counts: (operation: string) => boolean) {
    return async (args: string[], at: number): Promise<string | undefined> => {
      let calls = 0;
      let where: string | undefined;
      let child: ChildProcess | undefined;
      const die = async (operation: string): Promise<undefined> => {
        if (!counts(operation) || ++calls !== at) return undefined;
        where = `${when} call ${at}, ${operation.split('#')[0] ?? ''}`;
        child?.kill('SIGKILL');
        // It gets no answer.
        return new Promise<undefined>(() => undefined);
      };
      const relay: AwsRelay = await startAwsRelay(
        bench.sandbox,
        when === 'before'
          ? { before: ({ operation }) => die(operation) }
          : { after: ({ operation }) => die(operation) },
      );
      const { endpoint } = relay;
      const done = await bench.start(args, { endpoint, onStart: (started) => (child = started) });
      await relay.close();
      assert.equal(done.code === null, where !== undefined, done.stderr);
      return where;
    };
  }

  for (const work of WORKS) {
    it(`before any of its calls is continued by the next one: ${work.name}`, async () => {
      assert.ok(
        (await everywhere(
          work,
          atCall('before', () => true),
        )) > 10,
      );
    });
    it(`after any change in AWS, before it learns of it, is continued by the next one: ${work.name}`, async () => {
      const changes = (operation: string) => !LOOKS.test(operation);
      assert.ok((await everywhere(work, atCall('after', changes))) > 0);
    });
  }

  for (const [step, words] of [
    ['connect', 'Connecting to'],
    ['create', 'Asking for keys and a certificate'],
    ['save', 'Saving certificate'],
    ['provision', 'Registering with template'],
  ] as const) {
    for (const kind of ['hang', 'swallow'] as const) {
      // A request that is never answered: not done, or done.
      if (kind === 'swallow' && (step === 'connect' || step === 'save')) continue;
      it(`in its claim is continued by the next one: rotate at ${step}, ${kind}`, async () => {
        const vin = await working(bench);
        const operation = step === 'connect' ? `mqtt:connect:claim-Vehicle_${vin}` : `mqtt:claim:${step}`;
        if (step !== 'save') await bench.sandbox.fault({ operation, action: { kind } });
        let isKilled = false;
        const { code } = await bench.start(['rotate', '--vin', vin, '--yes', '--verbose'], {
          onOutput(child, text) {
            if (isKilled || !text.includes(words)) return;
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
        await bench.rotate(vin);
        await healthy(bench, vin, `${step}, ${kind}`);
      });
    }
  }
});
