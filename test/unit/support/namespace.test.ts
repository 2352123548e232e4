import assert from 'node:assert/strict';
import { noNamespace } from '../../support/network/namespace.ts';

describe('the network of the tests', () => {
  const lacks = () => 'needs /usr/sbin/nft';

  it('is passed over with a reason on the machine of a developer, and by who is not root', () => {
    assert.equal(noNamespace({ isRoot: true, isCi: false, lacks }), 'needs /usr/sbin/nft');
    assert.equal(noNamespace({ isRoot: false, isCi: true, lacks }), 'needs /usr/sbin/nft');
  });

  it('must be there in CI', () => {
    assert.throws(
      () => noNamespace({ isRoot: true, isCi: true, lacks }),
      /cannot run: needs \/usr\/sbin\/nft/,
    );
    assert.equal(noNamespace({ isRoot: true, isCi: true, lacks: () => undefined }), undefined);
  });
});
