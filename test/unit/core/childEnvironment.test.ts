import assert from 'node:assert/strict';
import { childEnvironment } from '../../../src/core/childEnvironment.ts';

describe('the environment of a program that is started', () => {
  it('has what it needs, whatever its case, and what it is told', () => {
    const env = {
      PATH: '/bin',
      Path: 'C:\\',
      HOME: '/h',
      LC_TIME: 'C',
      TMPDIR: '/t',
      SystemRoot: 'C:\\Windows',
    };
    const more = { NODE_EXTRA_CA_CERTS: '/ca', NODE_V8_COVERAGE: '/c' };
    assert.deepEqual(childEnvironment({ OWN: '1' }, { ...env, ...more }), { ...env, ...more, OWN: '1' });
  });

  it('has nothing else', () => {
    const env = {
      ...{
        AWS_SECRET_ACCESS_KEY: 'x',
        AWS_PROFILE: 'x',
        CMS_PASSWORD: 'x',
        GITHUB_TOKEN: 'x',
        NPM_AUTH: 'x',
      },
      ...{
        HTTPS_PROXY: 'http://u:p@x',
        NODE_OPTIONS: '-r x',
        LD_PRELOAD: 'x',
        SSH_AUTH_SOCK: 'x',
        PATHS: 'x',
      },
      ANYTHING: 'x',
      LANG: undefined,
    };
    assert.deepEqual(childEnvironment({}, env), {});
  });
});
