import type { IotRegistry } from '../services/iot/contract.ts';
import type { Principal } from '../kernel/principal.ts';
import type { CertificateFacts } from '../kernel/certificateFacts.ts';
import type { Variables } from './template.ts';

/** The parts of a CONNECT that policies can refer to. */
export interface ConnectFacts {
  /** Empty over HTTPS, where there is none. */
  clientId: string;
  /** Whether the client requested a session that outlives the connection. */
  persistent: boolean;
  /** Topic of the will, if it has one. */
  willTopic: string | undefined;
}

/**
 * Policy variables and condition keys of one connection (AWS IoT Developer Guide, "AWS IoT Core policy
 * variables"). Looked up on each decision, so that attaching a thing applies at once.
 */
export function policyVariables(
  registry: IotRegistry,
  principal: Principal,
  connect: ConnectFacts,
  scope: { topicArn: (topic: string) => string; now: () => number },
): Variables {
  const certificate = principal.kind === 'certificate' ? principal.certificate : undefined;
  /**
   * The client id must be the name of a thing that the certificate is attached to; a thing that has the certificate
   * exclusively holds for any client id.
   */
  const attached = (): string | undefined => {
    if (certificate === undefined) return undefined;
    const { certificateId } = certificate;
    const isNamed = registry.thingsOf(certificateId).includes(connect.clientId);
    return isNamed ? connect.clientId : registry.exclusiveThingOf(certificateId);
  };

  return (name) => {
    const key = name.toLowerCase();
    if (key.startsWith('iot:connection.thing.')) return thingVariable(name, attached);
    if (key.startsWith('iot:certificate.')) return certificateVariable(certificate, key);
    switch (key) {
      case 'iot:clientid':
        return connect.clientId === '' ? undefined : connect.clientId;
      case 'iot:certificateid':
        return certificate?.certificateId;
      case 'iot:connectattributes':
        return [
          ...(connect.persistent ? ['PersistentConnect'] : []),
          ...(connect.willTopic === undefined ? [] : ['LastWill']),
        ];
      case 'iot:lastwilltopic':
        return connect.willTopic === undefined ? undefined : scope.topicArn(connect.willTopic);
      case 'aws:sourceip':
        return principal.sourceIp;
      case 'aws:currenttime':
        return new Date(scope.now()).toISOString();
      case 'aws:epochtime':
        return String(Math.floor(scope.now() / 1000));
      case 'aws:securetransport':
        return 'true';
      default:
        return undefined;
    }
  };

  function thingVariable(name: string, attachedThing: () => string | undefined): string | undefined {
    const field = name.slice('iot:connection.thing.'.length);
    if (field.toLowerCase() === 'isattached') return String(attachedThing() !== undefined);
    const thingName = attachedThing();
    if (thingName === undefined) return undefined;
    const thing = registry.thing(thingName);
    const attribute = /^attributes\[(.*)\]$/i.exec(field)?.[1];
    if (attribute !== undefined) return thing?.attributes[attribute];
    if (field.toLowerCase() === 'thingname') return thing?.thingName;
    if (field.toLowerCase() === 'thingtypename') return thing?.thingTypeName;
    return undefined;
  }
}

/** AWS does not substitute values with characters that are special in policies or topics. */
const UNSAFE = /[*$+?#]/;
const LONGEST_VALUE = 1024;
const MOST_VALUES = 5;

/** `iot:Certificate.Subject.Organization`, `….Organization.1` (the second), `….Organization.List`. */
function certificateVariable(
  certificate: CertificateFacts | undefined,
  key: string,
): string | string[] | undefined {
  if (certificate === undefined) return undefined;
  if (key === 'iot:certificate.serialnumber') return certificate.serialNumber;
  const [, side, attribute, suffix] =
    /^iot:certificate\.(subject|issuer)\.(\w+)(?:\.(\d+|list))?$/.exec(key) ?? [];
  if (side === undefined || attribute === undefined) return undefined;
  const names = side === 'subject' ? certificate.subject : certificate.issuer;
  const found = [...names].find(([name]) => name.toLowerCase() === attribute)?.[1] ?? [];
  const usable = found
    .slice(0, MOST_VALUES)
    .map((value) => (UNSAFE.test(value) || value.length > LONGEST_VALUE ? undefined : value));
  if (suffix === 'list') return usable.filter((value) => value !== undefined);
  return usable[Number(suffix ?? 0)];
}
