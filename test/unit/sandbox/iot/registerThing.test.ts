import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ALLOW, createTestIot, type TestIot } from './harness.ts';
import { makeCa, makeCsr, signedBy } from './openssl.ts';

const VIN = 'LSH14J4C4LA046511';

/** The document of the examples in "Provisioning templates". */
const DOCUMENT =
  '{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action":["iot:Publish"], "Resource": ["arn:aws:iot:us-east-1:123456789012:topic/foo/bar"] }] }';

/** "Template example for bulk registration", without the thing groups. */
const BULK = {
  Parameters: {
    ThingName: { Type: 'String' },
    SerialNumber: { Type: 'String' },
    Location: { Type: 'String', Default: 'WA' },
    CSR: { Type: 'String' },
  },
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: {
        ThingName: { Ref: 'ThingName' },
        AttributePayload: {
          version: 'v1',
          serialNumber: { Ref: 'SerialNumber' },
          location: { Ref: 'Location' },
        },
        ThingTypeName: 'lightBulb-versionA',
      },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateSigningRequest: { Ref: 'CSR' }, Status: 'ACTIVE' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyDocument: DOCUMENT } },
  },
};

/** Each level names the one below twenty times: some hundred bytes that would yield 20 to the power of `levels`. */
function multiplied(levels: number): unknown {
  return levels === 0 ? 'x' : { 'Fn::Sub': ['${x}'.repeat(20), { x: multiplied(levels - 1) }] };
}

/** What CDF provisioning runs when the CMS facade registers a device: "tcu.json". */
const TCU = {
  Parameters: {
    ThingName: { Type: 'String' },
    CertificateId: { Type: 'String' },
    Status: { Type: 'String' },
  },
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: { ThingName: { Ref: 'ThingName' }, ThingTypeName: 'tcu' },
      OverrideSettings: { ThingTypeName: 'REPLACE' },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'CertificateId' }, Status: { Ref: 'Status' } },
      OverrideSettings: { Status: 'REPLACE' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'CvraTcuDevicePolicy' } },
  },
};

describe('IoT RegisterThing @slow', () => {
  let iot: TestIot;
  beforeEach(async () => {
    iot = await createTestIot();
    await iot.ok('POST', '/thing-types/tcu');
    await iot.ok('POST', '/thing-types/lightBulb-versionA');
    await iot.ok('POST', '/policies/CvraTcuDevicePolicy', { policyDocument: ALLOW });
  });
  const body = (template: unknown, parameters: Record<string, string> = {}): object => ({
    templateBody: JSON.stringify(template),
    parameters,
  });
  const run = (
    template: unknown,
    parameters: Record<string, string> = {},
  ): Promise<Record<string, unknown>> => iot.ok('POST', '/things', body(template, parameters));
  const statusOf = async (id: string): Promise<unknown> =>
    ((await iot.ok('GET', `/certificates/${id}`)).certificateDescription as Record<string, unknown>).status;

  it('makes all that the bulk registration example of AWS declares', async () => {
    const { csrPem } = makeCsr({ key: 'RSA-2048' });
    const made = await run(BULK, { ThingName: 'bulb', SerialNumber: '12', CSR: csrPem });
    const { thing, certificate, policy } = made.resourceArns as Record<string, string>;
    assert.equal(thing, 'arn:aws:iot:us-west-2:123456789012:thing/bulb');
    assert.match(String(policy), /:policy\/[0-9A-F]{40}$/);
    assert.match(String(made.certificatePem), /^-----BEGIN CERTIFICATE-----/);
    assert.equal(await statusOf(String(certificate?.split('/')[1])), 'ACTIVE');
    const shown = await iot.ok('GET', '/things/bulb');
    assert.deepEqual(shown.attributes, { version: 'v1', serialNumber: '12', location: 'WA' });
    assert.equal(shown.thingTypeName, 'lightBulb-versionA');
    assert.deepEqual(await iot.ok('GET', '/things/bulb/principals'), { principals: [certificate] });
    const policyName = policy?.split('/')[1];
    assert.deepEqual(await iot.ok('POST', `/policy-targets/${policyName}`), { targets: [certificate] });
    assert.equal((await iot.ok('GET', `/policies/${policyName}`)).policyDocument, DOCUMENT);
  });

  it('gives two devices with one document one policy', async () => {
    const { csrPem } = makeCsr({ key: 'P-256' });
    const one = await run(BULK, { ThingName: 'a', SerialNumber: '1', CSR: csrPem });
    const two = await run(BULK, { ThingName: 'b', SerialNumber: '2', CSR: csrPem });
    const policyOf = (made: Record<string, unknown>): unknown =>
      (made.resourceArns as Record<string, string>).policy;
    assert.equal(policyOf(one), policyOf(two));
  });

  it('registers a vehicle as the CMS facade does, again and again', async () => {
    const { id, arn } = await iot.certificate(false);
    const parameters = { ThingName: VIN, CertificateId: id, Status: 'ACTIVE' };
    const first = await run(TCU, parameters);
    assert.deepEqual(await run(TCU, parameters), first);
    assert.equal(await statusOf(id), 'ACTIVE');
    assert.equal((await iot.ok('GET', `/things/${VIN}`)).thingTypeName, 'tcu');
    assert.deepEqual(await iot.ok('GET', `/things/${VIN}/principals`), { principals: [arn] });
    assert.deepEqual(await iot.ok('POST', '/policy-targets/CvraTcuDevicePolicy'), { targets: [arn] });
  });

  it('gives a thing without type the type of the template', async () => {
    await iot.ok('POST', `/things/${VIN}`);
    const { id } = await iot.certificate();
    await run(TCU, { ThingName: VIN, CertificateId: id, Status: 'ACTIVE' });
    assert.equal((await iot.ok('GET', `/things/${VIN}`)).thingTypeName, 'tcu');
  });

  it('takes a certificate in PEM that a registered CA signed', async () => {
    const ca = makeCa();
    await iot.ok('POST', '/cacertificate?setAsActive=true', {
      caCertificate: ca.certificatePem,
      certificateMode: 'SNI_ONLY',
    });
    const template = {
      Parameters: { Pem: { Type: 'String' }, Ca: { Type: 'String' } },
      Resources: {
        c: {
          Type: 'AWS::IoT::Certificate',
          Properties: { CertificatePem: { Ref: 'Pem' }, CACertificatePem: { Ref: 'Ca' } },
        },
      },
    };
    const parameters = { Pem: signedBy(ca, '/CN=device').certificatePem, Ca: ca.certificatePem };
    const made = await run(template, parameters);
    const arn = String((made.resourceArns as Record<string, string>).c);
    assert.equal(await statusOf(String(arn.split('/')[1])), 'ACTIVE');
    assert.deepEqual(await run(template, parameters), made);
    const stranger = { ...parameters, Pem: signedBy(makeCa(), '/CN=device').certificatePem };
    await iot.refused(
      'ResourceRegistrationFailureException',
      400,
      'POST',
      '/things',
      body(template, stranger),
    );
  });

  it('can make a thing alone', async () => {
    const made = await run({
      Resources: { t: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'alone' } } },
    });
    assert.deepEqual(made, {
      certificatePem: '',
      resourceArns: { t: 'arn:aws:iot:us-west-2:123456789012:thing/alone' },
    });
  });

  describe('on a thing that exists', () => {
    const template = (override: object | undefined): object => ({
      Resources: {
        thing: {
          Type: 'AWS::IoT::Thing',
          Properties: {
            ThingName: 'old',
            ThingTypeName: 'lightBulb-versionA',
            AttributePayload: { a: 'new', c: 'new' },
          },
          ...(override === undefined ? {} : { OverrideSettings: override }),
        },
      },
    });
    beforeEach(() =>
      iot.ok('POST', '/things/old', {
        thingTypeName: 'tcu',
        attributePayload: { attributes: { a: 'old', b: 'old' } },
      }),
    );
    const shown = async (): Promise<unknown[]> => {
      const { attributes, thingTypeName } = await iot.ok('GET', '/things/old');
      return [attributes, thingTypeName];
    };

    it('leaves it as it is by default and with DO_NOTHING', async () => {
      await run(template(undefined));
      await run(template({ AttributePayload: 'DO_NOTHING', ThingTypeName: 'DO_NOTHING' }));
      assert.deepEqual(await shown(), [{ a: 'old', b: 'old' }, 'tcu']);
    });

    it('replaces attributes and type', async () => {
      await run(template({ AttributePayload: 'REPLACE', ThingTypeName: 'REPLACE' }));
      assert.deepEqual(await shown(), [{ a: 'new', c: 'new' }, 'lightBulb-versionA']);
    });

    it('merges attributes', async () => {
      await run(template({ AttributePayload: 'MERGE' }));
      assert.deepEqual(await shown(), [{ a: 'new', b: 'old', c: 'new' }, 'tcu']);
    });

    it('fails when told to', async () => {
      await iot.refused(
        'ResourceConflictsException',
        409,
        'POST',
        '/things',
        body(template({ AttributePayload: 'FAIL' })),
      );
    });
  });

  describe('on a certificate that exists', () => {
    const template = (Status: string | undefined, override: string | undefined): object => ({
      Parameters: { Id: { Type: 'String' } },
      Resources: {
        certificate: {
          Type: 'AWS::IoT::Certificate',
          Properties: { CertificateId: { Ref: 'Id' }, ...(Status === undefined ? {} : { Status }) },
          ...(override === undefined ? {} : { OverrideSettings: { Status: override } }),
        },
      },
    });
    const table: [string, boolean, string | undefined, string | undefined, string][] = [
      ['an INACTIVE one, told Active', false, 'Active', undefined, 'ACTIVE'],
      ['an INACTIVE one, told ACTIVE but DO_NOTHING', false, 'ACTIVE', 'DO_NOTHING', 'INACTIVE'],
      ['an INACTIVE one, told nothing', false, undefined, undefined, 'INACTIVE'],
      ['an ACTIVE one, told to REPLACE by INACTIVE', true, 'INACTIVE', 'REPLACE', 'INACTIVE'],
    ];
    for (const [what, active, status, override, expected] of table) {
      it(`leaves ${what}, as ${expected}`, async () => {
        const { id } = await iot.certificate(active);
        await run(template(status, override), { Id: id });
        assert.equal(await statusOf(id), expected);
      });
    }

    for (const [status, override, expected] of [
      [undefined, undefined, 'ACTIVE'],
      ['ACTIVE', 'DO_NOTHING', 'ACTIVE'],
      ['ACTIVE', 'FAIL', 'ACTIVE'],
      ['INACTIVE', undefined, 'INACTIVE'],
    ] as const) {
      it(`makes one that waits for activation ${expected}, told ${status ?? 'nothing'} and ${override ?? 'no override'}`, async () => {
        const { certificateId } = await iot.iot.registry.createPendingCertificate(
          makeCsr({ key: 'P-256' }).csrPem,
        );
        await run(template(status, override), { Id: certificateId });
        assert.equal(await statusOf(certificateId), expected);
      });
    }

    it('fails when told to, when it is unknown and when it is revoked', async () => {
      const { id } = await iot.certificate();
      await iot.refused(
        'ResourceConflictsException',
        409,
        'POST',
        '/things',
        body(template('ACTIVE', 'FAIL'), { Id: id }),
      );
      const failure = ['ResourceRegistrationFailureException', 400, 'POST', '/things'] as const;
      await iot.refused(...failure, body(template('ACTIVE', undefined), { Id: '0'.repeat(64) }));
      await iot.ok('PUT', `/certificates/${id}?newStatus=REVOKED`);
      await iot.refused(...failure, body(template('ACTIVE', undefined), { Id: id }));
    });
  });

  describe('that can not be done leaves nothing behind:', () => {
    const thing = (properties: object): object => ({
      Resources: { t: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'new', ...properties } } },
    });
    const table: [string, string, object][] = [
      ['an unknown thing type', 'ResourceRegistrationFailureException', thing({ ThingTypeName: 'nope' })],
      ['a thing group', 'ResourceRegistrationFailureException', thing({ ThingGroups: ['v1-lightbulbs'] })],
      ['a billing group', 'ResourceRegistrationFailureException', thing({ BillingGroup: 'b' })],
      [
        'too many attributes',
        'ResourceRegistrationFailureException',
        thing({ AttributePayload: { a: '1', b: '2', c: '3', d: '4' } }),
      ],
      ['a thing name with a slash', 'InvalidRequestException', thing({ ThingName: 'a/b' })],
      ['an attribute with a space', 'InvalidRequestException', thing({ AttributePayload: { a: 'x y' } })],
    ];
    for (const [what, code, template] of table) {
      it(what, async () => {
        await iot.refused(code, 400, 'POST', '/things', body(template));
        assert.deepEqual((await iot.ok('GET', '/things')).things, []);
      });
    }

    for (const [what, csr, policy] of [
      ['a bad CSR', 'nonsense', { PolicyName: 'CvraTcuDevicePolicy' }],
      ['an unknown policy', undefined, { PolicyName: 'nope' }],
      ['a malformed policy document', undefined, { PolicyDocument: '{}' }],
    ] as const) {
      it(what, async () => {
        const template = {
          ...BULK,
          Resources: { ...BULK.Resources, policy: { Type: 'AWS::IoT::Policy', Properties: policy } },
        };
        const parameters = {
          ThingName: 'new',
          SerialNumber: '1',
          CSR: csr ?? makeCsr({ key: 'P-256' }).csrPem,
        };
        await iot.refused(
          'ResourceRegistrationFailureException',
          400,
          'POST',
          '/things',
          body(template, parameters),
        );
        assert.deepEqual((await iot.ok('GET', '/things')).things, []);
        assert.deepEqual((await iot.ok('GET', '/certificates')).certificates, []);
      });
    }
  });

  describe('functions', () => {
    /** The device configuration that a template with these members yields. */
    async function configuration(
      DeviceConfiguration: Record<string, unknown>,
      parameters: Record<string, string> = {},
      Mappings?: object,
    ): Promise<Record<string, string>> {
      const Parameters = Object.fromEntries(
        ['A', 'B', 'List', 'Index'].map((name) => [name, { Type: 'String' }]),
      );
      const template = {
        Parameters,
        ...(Mappings === undefined ? {} : { Mappings }),
        Resources: { t: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'thing' } } },
        DeviceConfiguration,
      };
      const result = await iot.iot.registry.registerThing(JSON.stringify(template), parameters);
      return result.deviceConfiguration;
    }

    it('yield the device configuration of the fleet provisioning example of AWS', async () => {
      const LocationTable = { Seattle: { LocationUrl: 'https://example.aws' } };
      assert.deepEqual(
        await configuration(
          {
            FallbackUrl: 'https://www.example.com/test-site',
            LocationUrl: { 'Fn::FindInMap': ['LocationTable', { Ref: 'A' }, 'LocationUrl'] },
          },
          { A: 'Seattle' },
          { LocationTable },
        ),
        { FallbackUrl: 'https://www.example.com/test-site', LocationUrl: 'https://example.aws' },
      );
    });

    it('make the thing type name of that example', async () => {
      await iot.ok('POST', '/thing-types/ThingPrefix_12');
      await run(
        {
          Parameters: { SerialNumber: { Type: 'String' } },
          Resources: {
            thing: {
              Type: 'AWS::IoT::Thing',
              Properties: {
                ThingName: 'typed',
                ThingTypeName: { 'Fn::Join': ['', ['ThingPrefix_', { Ref: 'SerialNumber' }]] },
              },
            },
          },
        },
        { SerialNumber: '12' },
      );
      assert.equal((await iot.ok('GET', '/things/typed')).thingTypeName, 'ThingPrefix_12');
    });

    const table: [string, unknown, Record<string, string>, string][] = [
      ['Ref', { Ref: 'A' }, { A: 'x' }, 'x'],
      ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'A' }, 'c']] }, { A: 'b' }, 'a-b-c'],
      [
        'Fn::Join of a split list',
        { 'Fn::Join': ['|', { 'Fn::Split': [',', { Ref: 'List' }] }] },
        { List: '1,2' },
        '1|2',
      ],
      ['Fn::Select', { 'Fn::Select': ['1', ['a', 'b']] }, {}, 'b'],
      ['Fn::Select by number', { 'Fn::Select': [0, ['a', 'b']] }, {}, 'a'],
      [
        'Fn::Select of Fn::Split by parameter',
        { 'Fn::Select': [{ Ref: 'Index' }, { 'Fn::Split': ['-', { Ref: 'List' }] }] },
        { Index: '2', List: 'WA-98-SEA' },
        'SEA',
      ],
      ['Fn::Sub', { 'Fn::Sub': 'x/${A}/${B}' }, { A: '1', B: '2' }, 'x/1/2'],
      [
        'Fn::Sub with values of its own',
        { 'Fn::Sub': ['${A}${C}', { C: { Ref: 'B' } }] },
        { A: '1', B: '2' },
        '12',
      ],
      ['Fn::Sub with a literal', { 'Fn::Sub': '${!iot:ClientId}/${A}' }, { A: '1' }, '${iot:ClientId}/1'],
    ];
    for (const [what, expression, parameters, expected] of table) {
      it(`evaluate ${what}`, async () => {
        assert.deepEqual(await configuration({ value: expression }, parameters), { value: expected });
      });
    }

    it('work inside a policy document', async () => {
      const { id } = await iot.certificate();
      const made = await run(
        {
          Parameters: { Id: { Type: 'String' } },
          Resources: {
            certificate: { Type: 'AWS::IoT::Certificate', Properties: { CertificateId: { Ref: 'Id' } } },
            policy: {
              Type: 'AWS::IoT::Policy',
              Properties: {
                PolicyDocument: {
                  Version: '2012-10-17',
                  Statement: [
                    { Effect: 'Allow', Action: ['iot:Publish'], Resource: [{ 'Fn::Sub': 'topic/${Id}' }] },
                  ],
                },
              },
            },
          },
        },
        { Id: id },
      );
      const policyName = (made.resourceArns as Record<string, string>).policy?.split('/')[1];
      const { policyDocument } = await iot.ok('GET', `/policies/${policyName}`);
      assert.match(String(policyDocument), new RegExp(`"topic/${id}"`));
    });

    const impossible: [string, unknown, RegExp][] = [
      ['a parameter without value', { Ref: 'A' }, /parameter A has no value/],
      ['an index beyond the list', { 'Fn::Select': ['2', ['a']] }, /no element 2/],
      ['an index that is no number', { 'Fn::Select': ['x', ['a']] }, /no element NaN/],
      ['a key the map lacks', { 'Fn::FindInMap': ['Table', 'x', 'y'] }, /Table, x, y/],
      ['a key every object inherits', { 'Fn::FindInMap': ['constructor', 'name', 'length'] }, /constructor/],
      ['a text without end', multiplied(12), /more than 65536 characters/],
      [
        'a list with a long delimiter',
        { 'Fn::Join': ['x'.repeat(1000), { 'Fn::Split': [',', ','.repeat(1000)] }] },
        /more than 65536 characters/,
      ],
      ['a list where a text belongs', { 'Fn::Split': [',', 'a,b'] }, /A text is needed/],
      ['a text where a list belongs', { 'Fn::Join': [',', 'a'] }, /A list of texts is needed/],
    ];
    for (const [what, expression, message] of impossible) {
      it(`refuse ${what}`, async () => {
        await assert.rejects(configuration({ value: expression }, {}, { Table: { a: { b: 'c' } } }), message);
      });
    }

    it('join what they split: any list of texts without the delimiter', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.string({ minLength: 1 }).filter((text) => !text.includes(';')),
            { minLength: 1, maxLength: 5 },
          ),
          async (parts) => {
            const joined = await configuration(
              { value: { 'Fn::Join': [';', { 'Fn::Split': [';', { Ref: 'List' }] }] } },
              { List: parts.join(';') },
            );
            assert.equal(joined.value, parts.join(';'));
          },
        ),
        { numRuns: 50 },
      );
    });
  });

  describe('template', () => {
    const resource = (Properties: object, more: object = {}): object => ({
      Resources: { r: { Type: 'AWS::IoT::Thing', Properties, ...more } },
    });
    const certificate = (Properties: object): object => ({
      Resources: { r: { Type: 'AWS::IoT::Certificate', Properties } },
    });
    const table: [string, unknown][] = [
      ['without resources', { Resources: {} }],
      ['with an unknown section', { Resources: {}, Outputs: {} }],
      ['with an unknown resource type', { Resources: { r: { Type: 'AWS::IoT::Rule', Properties: {} } } }],
      [
        'with a parameter that is not a String',
        { Parameters: { a: { Type: 'Number' } }, ...resource({ ThingName: 'a' }) },
      ],
      ['with a thing without name', resource({})],
      ['with an unknown property', resource({ ThingName: 'a', Name: 'b' })],
      [
        'with an unknown override',
        resource({ ThingName: 'a' }, { OverrideSettings: { ThingTypeName: 'MERGE' } }),
      ],
      ['with an undeclared parameter', resource({ ThingName: { Ref: 'Nobody' } })],
      ['with an undeclared variable', resource({ ThingName: { 'Fn::Sub': '${Nobody}' } })],
      ['with an unknown function', resource({ ThingName: { 'Fn::GetAtt': ['a', 'b'] } })],
      [
        'with two functions in one object',
        resource({ ThingName: { Ref: 'AWS::IoT::Certificate::Id', 'Fn::Sub': 'a' } }),
      ],
      ['with a function of wrong arguments', resource({ ThingName: { 'Fn::Join': 'a' } })],
      [
        'with a function in Mappings',
        { Mappings: { a: { b: { c: { Ref: 'x' } } } }, ...resource({ ThingName: 'a' }) },
      ],
      ['with a certificate given twice', certificate({ CertificateId: 'a', CertificatePem: 'b' })],
      ['with a certificate not given', certificate({ Status: 'ACTIVE' })],
      [
        'with a policy without certificate',
        { Resources: { p: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'p' } } } },
      ],
      [
        'with a policy given twice',
        {
          Resources: {
            ...BULK.Resources,
            policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'p', PolicyDocument: DOCUMENT } },
          },
        },
      ],
      [
        'with two things',
        {
          Resources: {
            a: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'a' } },
            b: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'b' } },
          },
        },
      ],
      [
        'with nested device configuration',
        { ...resource({ ThingName: 'a' }), DeviceConfiguration: { a: { b: { c: '1' } } } },
      ],
    ];
    for (const [what, template] of table) {
      it(`is refused ${what}`, async () => {
        await iot.refused('InvalidRequestException', 400, 'POST', '/things', body(template));
        assert.deepEqual((await iot.ok('GET', '/things')).things, []);
      });
    }

    it('of any JSON is answered, never with a failure of the sandbox', async () => {
      const keys = fc.constantFrom(
        'Ref',
        'Fn::Sub',
        'Fn::Join',
        'Fn::Select',
        'constructor',
        '__proto__',
        'a',
      );
      const value = fc.letrec((tie) => ({
        node: fc.oneof(
          { depthSize: 'small' },
          fc.constantFrom('a', '${a}', '${', '', 'AWS::IoT::Certificate::Id'),
          fc.integer(),
          fc.constant(null),
          fc.array(tie('node'), { maxLength: 3 }),
          fc.dictionary(keys, tie('node'), { maxKeys: 2 }),
        ),
      })).node;
      await fc.assert(
        fc.asyncProperty(value, value, async (ThingName, Default) => {
          const template = {
            Parameters: { a: { Type: 'String', Default } },
            Resources: { t: { Type: 'AWS::IoT::Thing', Properties: { ThingName } } },
          };
          for (const given of [template, { ...template, Parameters: { a: { Type: 'String' } } }, ThingName]) {
            const { status } = await iot.call('POST', '/things', body(given, { a: 'value' }));
            assert.ok(status === 200 || status === 400, String(status));
          }
        }),
        { numRuns: 200 },
      );
    });
  });
});
