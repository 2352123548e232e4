import assert from 'node:assert/strict';
import { ALLOW, createTestIot, names, type TestIot } from './harness.ts';

const DENY = ALLOW.replace('Allow', 'Deny');

describe('IoT policies', () => {
  let iot: TestIot;
  beforeEach(async () => {
    iot = await createTestIot();
    await iot.ok('POST', '/policies/p', { policyDocument: ALLOW });
  });

  describe('CreatePolicy', () => {
    it('makes a policy with one version that GetPolicy shows', async () => {
      const made = await iot.ok('POST', '/policies/with+=,.@-all', { policyDocument: ALLOW });
      assert.deepEqual(made, {
        policyName: 'with+=,.@-all',
        policyArn: 'arn:aws:iot:us-west-2:123456789012:policy/with+=,.@-all',
        policyDocument: ALLOW,
        policyVersionId: '1',
      });
      const shown = await iot.ok('GET', `/policies/${encodeURIComponent('with+=,.@-all')}`);
      assert.deepEqual(
        { ...shown, generationId: '' },
        {
          policyName: made.policyName,
          policyArn: made.policyArn,
          policyDocument: ALLOW,
          defaultVersionId: '1',
          creationDate: iot.context.clock.now() / 1000,
          lastModifiedDate: iot.context.clock.now() / 1000,
          generationId: '',
        },
      );
    });

    it('refuses a name that is taken, with whatever document', async () => {
      const message = await iot.refused('ResourceAlreadyExistsException', 409, 'POST', '/policies/p', {
        policyDocument: ALLOW,
      });
      assert.equal(message, 'Policy cannot be created - name already exists (name=p)');
    });

    it('refuses a name with other characters', async () => {
      await iot.refused('InvalidRequestException', 400, 'POST', '/policies/a%2Fb', { policyDocument: ALLOW });
      await iot.refused('InvalidRequestException', 400, 'POST', '/policies/a%20b', { policyDocument: ALLOW });
    });

    const statement = { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' };
    const malformed: [string, unknown][] = [
      ['no JSON', '{'],
      ['a JSON list', []],
      ['no member', {}],
      ['no statement', { Version: '2012-10-17' }],
      ['an empty list of statements', { Version: '2012-10-17', Statement: [] }],
      ['another version', { Version: '2020-01-01', Statement: [statement] }],
      ['an unknown effect', { Version: '2012-10-17', Statement: [{ ...statement, Effect: 'allow' }] }],
      ['no action', { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Resource: '*' }] }],
      ['no resource', { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iot:*' }] }],
      ['an unknown member', { Version: '2012-10-17', Statement: [{ ...statement, Actions: 'iot:*' }] }],
      [
        'more than 2048 characters',
        { Version: '2012-10-17', Statement: [{ ...statement, Sid: 'x'.repeat(2048) }] },
      ],
    ];
    for (const [what, document] of malformed) {
      it(`refuses a document with ${what}`, async () => {
        const policyDocument = typeof document === 'string' ? document : JSON.stringify(document);
        const message = await iot.refused('MalformedPolicyException', 400, 'POST', '/policies/q', {
          policyDocument,
        });
        assert.match(
          message,
          /^Policy document is Malformed: (Invalid policy syntax\.|it is not valid JSON\.|it has more than 2048 characters\.)$/,
        );
        await iot.refused('MalformedPolicyException', 400, 'POST', '/policies/p/version', { policyDocument });
      });
    }

    it('takes one statement without a list, lists of actions, conditions and NotResource', async () => {
      const document = {
        Version: '2012-10-17',
        Statement: {
          Sid: 'one',
          Effect: 'Deny',
          Action: ['iot:Publish', 'iot:Receive'],
          NotResource: 'arn:aws:iot:us-west-2:123456789012:topic/a',
          Condition: { Bool: { 'iot:Connection.Thing.IsAttached': ['true'] } },
        },
      };
      await iot.ok('POST', '/policies/q', { policyDocument: JSON.stringify(document) });
    });

    it('does not count white space in the length of a document', async () => {
      await iot.ok('POST', '/policies/q', { policyDocument: ALLOW + ' '.repeat(3000) });
    });
  });

  describe('versions', () => {
    const add = (query = ''): Promise<Record<string, unknown>> =>
      iot.ok('POST', `/policies/p/version${query}`, { policyDocument: DENY });
    const shown = async (): Promise<unknown> =>
      ((await iot.ok('GET', '/policies/p/version')).policyVersions as Record<string, unknown>[]).map(
        ({ versionId, isDefaultVersion }) => [versionId, isDefaultVersion],
      );

    it('are added, as the default when asked', async () => {
      assert.deepEqual(await add(), {
        policyArn: 'arn:aws:iot:us-west-2:123456789012:policy/p',
        policyDocument: DENY,
        policyVersionId: '2',
        isDefaultVersion: false,
      });
      assert.equal((await iot.ok('GET', '/policies/p')).policyDocument, ALLOW);
      await add('?setAsDefault=true');
      assert.equal((await iot.ok('GET', '/policies/p')).policyDocument, DENY);
      assert.deepEqual(await shown(), [
        ['1', false],
        ['2', false],
        ['3', true],
      ]);
    });

    it('are at most five, and a number is never given twice', async () => {
      for (let i = 0; i < 4; i++) await add();
      const message = await iot.refused(
        'VersionsLimitExceededException',
        409,
        'POST',
        '/policies/p/version',
        {
          policyDocument: DENY,
        },
      );
      assert.equal(message, 'The policy p already has the maximum number of versions (5)');
      await iot.ok('DELETE', '/policies/p/version/5');
      assert.equal((await add()).policyVersionId, '6');
    });

    it('are shown one by one', async () => {
      await add();
      const version = await iot.ok('GET', '/policies/p/version/2');
      assert.deepEqual(
        [version.policyDocument, version.isDefaultVersion, version.policyName],
        [DENY, false, 'p'],
      );
      await iot.refused('ResourceNotFoundException', 404, 'GET', '/policies/p/version/3');
      await iot.refused('ResourceNotFoundException', 404, 'GET', '/policies/nope/version/1');
      await iot.refused('InvalidRequestException', 400, 'GET', '/policies/p/version/one');
    });

    it('become the default', async () => {
      await add();
      await iot.ok('PATCH', '/policies/p/version/2');
      assert.equal((await iot.ok('GET', '/policies/p')).defaultVersionId, '2');
      await iot.refused('ResourceNotFoundException', 404, 'PATCH', '/policies/p/version/9');
    });

    it('are deleted, except the default', async () => {
      await add();
      await iot.refused('DeleteConflictException', 409, 'DELETE', '/policies/p/version/1');
      await iot.ok('DELETE', '/policies/p/version/2');
      assert.deepEqual(await shown(), [['1', true]]);
      await iot.refused('ResourceNotFoundException', 404, 'DELETE', '/policies/p/version/2');
    });

    it('need a policy', async () => {
      await iot.refused('ResourceNotFoundException', 404, 'GET', '/policies/nope/version');
      await iot.refused('ResourceNotFoundException', 404, 'POST', '/policies/nope/version', {
        policyDocument: ALLOW,
      });
    });
  });

  describe('DeletePolicy', () => {
    it('is refused while the policy is attached', async () => {
      const { arn } = await iot.certificate();
      await iot.ok('PUT', '/target-policies/p', { target: arn });
      const message = await iot.refused('DeleteConflictException', 409, 'DELETE', '/policies/p');
      assert.equal(
        message,
        'The policy cannot be deleted as the policy is attached to one or more principals (name=p)',
      );
      await iot.ok('POST', '/target-policies/p', { target: arn });
      await iot.ok('DELETE', '/policies/p');
      await iot.refused('ResourceNotFoundException', 404, 'GET', '/policies/p');
    });

    it('is refused while there are versions besides the default', async () => {
      await iot.ok('POST', '/policies/p/version', { policyDocument: DENY });
      const message = await iot.refused('DeleteConflictException', 409, 'DELETE', '/policies/p');
      assert.equal(
        message,
        'The policy cannot be deleted as versions other than than default version exist (name=p)',
      );
      await iot.ok('DELETE', '/policies/p/version/2');
      await iot.ok('DELETE', '/policies/p');
      await iot.refused('ResourceNotFoundException', 404, 'DELETE', '/policies/p');
    });
  });

  it('are listed newest first or oldest first, page by page', async () => {
    for (const name of ['q', 'r']) await iot.ok('POST', `/policies/${name}`, { policyDocument: ALLOW });
    assert.deepEqual(names((await iot.ok('GET', '/policies?isAscendingOrder=true')).policies, 'policyName'), [
      'p',
      'q',
      'r',
    ]);
    const page = await iot.ok('GET', '/policies?pageSize=2');
    assert.deepEqual(names(page.policies, 'policyName'), ['r', 'q']);
    const rest = await iot.ok('GET', `/policies?marker=${encodeURIComponent(String(page.nextMarker))}`);
    assert.deepEqual(names(rest.policies, 'policyName'), ['p']);
  });

  describe('attached to a certificate', () => {
    let arn: string;
    beforeEach(async () => {
      ({ arn } = await iot.certificate());
    });

    it('are listed from both sides, and twice is once', async () => {
      for (let i = 0; i < 2; i++) await iot.ok('PUT', '/target-policies/p', { target: arn });
      const attached = await iot.ok('POST', `/attached-policies/${encodeURIComponent(arn)}`);
      assert.deepEqual(attached, {
        policies: [{ policyName: 'p', policyArn: 'arn:aws:iot:us-west-2:123456789012:policy/p' }],
      });
      assert.deepEqual(await iot.ok('POST', '/policy-targets/p'), { targets: [arn] });
      for (let i = 0; i < 2; i++) await iot.ok('POST', '/target-policies/p', { target: arn });
      assert.deepEqual(await iot.ok('POST', '/policy-targets/p'), { targets: [] });
    });

    it('are listed page by page', async () => {
      await iot.ok('POST', '/policies/q', { policyDocument: ALLOW });
      for (const name of ['p', 'q']) await iot.ok('PUT', `/target-policies/${name}`, { target: arn });
      const page = await iot.ok('POST', `/attached-policies/${encodeURIComponent(arn)}?pageSize=1`);
      assert.deepEqual(names(page.policies, 'policyName'), ['p']);
      const marker = encodeURIComponent(String(page.nextMarker));
      const rest = await iot.ok(
        'POST',
        `/attached-policies/${encodeURIComponent(arn)}?pageSize=1&marker=${marker}`,
      );
      assert.deepEqual(names(rest.policies, 'policyName'), ['q']);
      const second = (await iot.certificate()).arn;
      await iot.ok('PUT', '/target-policies/p', { target: second });
      const targets = await iot.ok('POST', '/policy-targets/p?pageSize=1');
      assert.deepEqual(targets.targets, [arn]);
      assert.equal(typeof targets.nextMarker, 'string');
    });

    it('are at most ten', async () => {
      for (let i = 0; i < 11; i++) await iot.ok('POST', `/policies/p${i}`, { policyDocument: ALLOW });
      for (let i = 0; i < 10; i++) await iot.ok('PUT', `/target-policies/p${i}`, { target: arn });
      await iot.refused('LimitExceededException', 410, 'PUT', '/target-policies/p10', { target: arn });
      await iot.ok('PUT', '/target-policies/p9', { target: arn });
    });

    it('work the old way too', async () => {
      const header = { 'x-amzn-iot-principal': arn };
      await iot.ok('PUT', '/principal-policies/p', undefined, header);
      assert.deepEqual(
        names((await iot.ok('GET', '/principal-policies', undefined, header)).policies, 'policyName'),
        ['p'],
      );
      const principals = await iot.ok('GET', '/policy-principals', undefined, { 'x-amzn-iot-policy': 'p' });
      assert.deepEqual(principals, { principals: [arn] });
      // Unlike ListTargetsForPolicy it does not look for the policy.
      const none = await iot.ok('GET', '/policy-principals', undefined, { 'x-amzn-iot-policy': 'nope' });
      assert.deepEqual(none, { principals: [] });
      const message = await iot.refused('ResourceNotFoundException', 404, 'POST', '/policy-targets/nope');
      assert.equal(message, 'Policy not found');
      await iot.ok('DELETE', '/principal-policies/p', undefined, header);
      assert.deepEqual((await iot.ok('GET', '/principal-policies', undefined, header)).policies, []);
    });

    it('need a policy and a target that exist', async () => {
      const unknown = arn.replace(/[0-9a-f]{64}$/, '0'.repeat(64));
      for (const method of ['PUT', 'POST']) {
        await iot.refused('ResourceNotFoundException', 404, method, '/target-policies/nope', { target: arn });
        await iot.refused('ResourceNotFoundException', 404, method, '/target-policies/p', {
          target: unknown,
        });
        await iot.refused('InvalidRequestException', 400, method, '/target-policies/p', {
          target: 'nonsense',
        });
        await iot.refused('InvalidRequestException', 400, method, '/target-policies/p', {});
      }
      await iot.refused('ResourceNotFoundException', 404, 'POST', '/policy-targets/nope');
      const message = await iot.refused(
        'ResourceNotFoundException',
        404,
        'POST',
        `/attached-policies/${encodeURIComponent(unknown)}`,
      );
      assert.equal(message, 'The certificate given in the principal does not exist.');
    });
  });
});
