import assert from 'node:assert/strict';
import { createProvisioner as guidance } from '../../../src/cms/cmGuidance/provisioner.ts';
import { createProvisioner as onAws } from '../../../src/cms/cmsOnAws/provisioner.ts';
import { ownCaOf } from '../../../src/provisioning/ca/ensureOwnCa.ts';

describe('A CMS that takes no vehicles with certificates of an own CA', () => {
  const sources = { names: { stage: 'dev', app: 'cms' } } as never;
  for (const [name, provisioner, why] of [
    [
      'CMS on AWS',
      onAws(sources),
      /signed by your own CA: its hook, which registers vehicles, is asked only/,
    ],
    ['the Guidance', guidance(sources), /signed by your own CA: it makes the key and certificate of each/],
  ] as const) {
    it(`says why: ${name}`, () => {
      assert.equal(provisioner.ownCa, undefined);
      assert.throws(() => ownCaOf({ provisioner }), { code: 'REQUEST_INVALID', message: why });
    });
  }
});
