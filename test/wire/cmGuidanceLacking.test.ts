import assert from 'node:assert/strict';
import { guidanceClient } from '../support/guidance.ts';
import { ADMIN, type GuidanceBench, openGuidance } from '../support/guidanceBench.ts';

interface Finding {
  id: string;
  status: string;
  message: string;
}

/** Stages that lack one thing each from their first deployment, and what is found then, and nothing else. */
const LACKING = [
  {
    ...{ what: 'that has no rule, because a stack is missing', stage: 'norule' },
    lacks: 'without=telemetry-integration',
    finds: {
      stacks: /cms-norule-telemetry-integration.*nothing can arrive/,
      rule: /no topic rule cms_norule_iot_msk_rule/,
    },
  },
  {
    ...{ what: 'without the live feed', stage: 'nofeed', lacks: 'without=ws-fanout' },
    finds: { fanout: /ws-fanout is not deployed/ },
  },
  {
    ...{ what: 'without a signal catalog', stage: 'nosignals', lacks: 'empty=signals' },
    finds: { catalogs: /signal catalog has 0 rows/ },
  },
  {
    ...{ what: 'without an event catalog', stage: 'noevents', lacks: 'empty=events' },
    finds: { catalogs: /event catalog has 0 rows: there are no safety events and no alerts/ },
  },
  {
    ...{ what: 'without a model manifest', stage: 'nomodels', lacks: 'empty=manifests' },
    finds: { 'model-manifest': /no vehicle can be created/ },
  },
] as const;

describe('The doctor of Guidance for Connected Mobility finds, of what was never deployed,', function () {
  this.timeout(120_000);
  let bench: GuidanceBench;
  before(async () => {
    const lacking = LACKING.map(({ stage, lacks }) => `cm-guidance:${stage},${lacks}`);
    bench = await openGuidance(68_000, ['cm-guidance:dev', ...lacking]);
  });
  after(() => bench.close());

  for (const { what, stage, finds } of LACKING) {
    it(`a stage ${what}`, async () => {
      const { signIn } = guidanceClient(() => bench.sandbox, stage);
      await signIn({ email: ADMIN, groups: ['platform-admin'] });
      const about = ['--username', ADMIN, '--vin', bench.newVin(), '--no-publish', '--json'];
      const run = await bench.cli(['doctor', ...bench.place(stage), ...about]);
      const findings = run.objects() as unknown as Finding[];
      const wrong = findings.filter(({ status }) => status === 'fail' || status === 'warn');
      const found = new Map(wrong.map((finding) => [finding.id, finding.message]));
      // Nobody onboarded a vehicle there, and drivers are never seeded.
      for (const id of ['vehicle', 'certificate-files', 'drivers']) found.delete(id);
      assert.deepEqual([...found.keys()].sort(), Object.keys(finds).sort(), JSON.stringify([...found]));
      for (const [id, words] of Object.entries(finds)) assert.match(found.get(id) ?? '', words);
    });
  }
});
