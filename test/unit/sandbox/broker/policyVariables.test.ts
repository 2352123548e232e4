import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { certificateFacts } from '../../../../src/sandbox/kernel/certificateFacts.ts';
import { policyVariables } from '../../../../src/sandbox/broker/policyVariables.ts';
import type { Variables } from '../../../../src/sandbox/broker/template.ts';
import { createMemoryRegistry } from '../../../support/memoryRegistry.ts';
import { makePair, type TestPair } from '../../../support/pairs.ts';
import { createTestContext } from '../../../support/sandboxContext.ts';
import type { Authority } from '../../../../src/sandbox/authority/contract.ts';

describe('policy variables', () => {
  const context = createTestContext();
  // Nothing here issues a certificate.
  const registry = createMemoryRegistry(context, {} as Authority);
  let pair: TestPair;

  before(async () => {
    pair = await makePair({ commonName: 'VIN1, O=Example Corp, O=AnyCompany, OU=a*b, C=DE' });
    registry.addCertificate(pair, { things: ['VIN1'] });
    registry.setThing({ thingName: 'VIN1', thingTypeName: 'tcu', attributes: { Fleet: 'north' } });
    registry.setThing({ thingName: 'VIN2', attributes: { Fleet: 'south' } });
  });

  function variables(clientId: string, more: { persistent?: boolean; willTopic?: string } = {}): Variables {
    const certificate = certificateFacts(new X509Certificate(pair.certificatePem));
    return policyVariables(
      registry,
      { kind: 'certificate', certificate, sourceIp: '127.0.0.1' },
      { clientId, persistent: more.persistent ?? false, willTopic: more.willTopic },
      { topicArn: (topic) => `arn:${topic}`, now: () => Date.parse('2024-05-01T12:00:00Z') },
    );
  }

  it('of the thing are there when the client id is a thing of the certificate', () => {
    const of = variables('VIN1');
    assert.equal(of('iot:Connection.Thing.IsAttached'), 'true');
    assert.equal(of('iot:Connection.Thing.ThingName'), 'VIN1');
    assert.equal(of('iot:Connection.Thing.ThingTypeName'), 'tcu');
    assert.equal(of('iot:Connection.Thing.Attributes[Fleet]'), 'north');
    assert.equal(of('iot:Connection.Thing.Attributes[fleet]'), undefined);
  });

  it('of the thing are missing for a thing the certificate is not attached to', () => {
    const of = variables('VIN2');
    assert.equal(of('iot:Connection.Thing.IsAttached'), 'false');
    assert.equal(of('iot:Connection.Thing.ThingName'), undefined);
    assert.equal(of('iot:Connection.Thing.Attributes[Fleet]'), undefined);
  });

  it('of the connection', () => {
    const of = variables('x', { persistent: true, willTopic: 'gone' });
    assert.equal(of('iot:ClientId'), 'x');
    assert.equal(of('IOT:clientid'), 'x');
    assert.equal(of('iot:CertificateId'), pair.certificateId);
    assert.deepEqual(of('iot:ConnectAttributes'), ['PersistentConnect', 'LastWill']);
    assert.equal(of('iot:LastWillTopic'), 'arn:gone');
    assert.equal(of('aws:SourceIp'), '127.0.0.1');
    assert.equal(of('aws:CurrentTime'), '2024-05-01T12:00:00.000Z');
    assert.equal(of('aws:EpochTime'), '1714564800');
    assert.equal(of('iot:Nothing'), undefined);
  });

  it('of the certificate: the first value, one by its number, all of them', () => {
    const of = variables('x');
    assert.equal(of('iot:Certificate.Subject.CommonName'), 'VIN1');
    assert.equal(of('iot:Certificate.Issuer.Country'), 'DE');
    assert.equal(of('iot:Certificate.Subject.Organization'), 'Example Corp');
    assert.equal(of('iot:Certificate.Subject.Organization.1'), 'AnyCompany');
    assert.equal(of('iot:Certificate.Subject.Organization.2'), undefined);
    assert.deepEqual(of('iot:Certificate.Subject.Organization.List'), ['Example Corp', 'AnyCompany']);
    assert.match(String(of('iot:Certificate.SerialNumber')), /^[0-9A-F]+$/);
  });

  it('of the certificate are not put in when they hold a wildcard', () => {
    assert.equal(variables('x')('iot:Certificate.Subject.OrganizationalUnit'), undefined);
  });
});
