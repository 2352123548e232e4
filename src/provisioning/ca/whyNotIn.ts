import { X509Certificate } from 'node:crypto';
import { findCa } from '../../aws/iot/caCertificates.ts';
import { findAttachedCertificate } from '../../aws/iot/certificates.ts';
import { findPolicy } from '../../aws/iot/policies.ts';
import { findTemplate } from '../../aws/iot/templates.ts';
import { findThing } from '../../aws/iot/things.ts';
import type { OwnCaSetup } from '../../cms/contract/provisioner.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { ProvisionDeps } from '../contract.ts';
import type { CaWay } from './ensureOwnCa.ts';
import type { OwnCa } from './ownCa.ts';

export interface Refused {
  certificateId: string;
  certificatePem: string;
  way: CaWay;
  vehicle: VehicleRef;
  ca: OwnCa;
  setup: OwnCaSetup;
  cause?: unknown;
}

/** A sentence that begins after "AWS IoT rejected the connection of {vin}:", and what helps. */
interface Reason {
  why: Message;
  remedy: Message;
}

/**
 * Why AWS IoT keeps a vehicle out whose certificate one's own CA signed. The vehicle sees a closed connection, whatever
 * the reason, and CloudWatch alone has the log: what can be seen from outside is looked at, nearest cause first.
 */
export async function whyNotIn(
  refused: Refused,
  { connection }: Pick<ProvisionDeps, 'connection'>,
  { signal }: Pick<Work, 'signal'>,
): Promise<CmsError> {
  const { certificateId, vehicle, cause } = refused;
  const certificate = await findAttachedCertificate(connection, certificateId, signal);
  const reason =
    certificate === undefined
      ? await notRegistered(refused, connection, signal)
      : certificate.status === 'PENDING_ACTIVATION'
        ? await stillPending(refused, connection, signal)
        : registered(certificate, refused);
  return new CmsError(
    'CERTIFICATE_NOT_REGISTERED',
    l10n.t('AWS IoT rejected the connection of {vin}: {why}', { vin: vehicle.vin, why: reason.why }),
    {
      step: 'register-certificate',
      remedy: reason.remedy,
      details: { certificateId, status: certificate?.status ?? 'unknown' },
      cause,
    },
  );
}

type Connected = ProvisionDeps['connection'];

const REGISTER_CA = l10n.t(
  'Register it with "ca register", and run this again: it continues with the same key.',
);

async function notRegistered({ ca }: Refused, connection: Connected, signal: AbortSignal): Promise<Reason> {
  const { id } = ca.signing;
  const { region } = connection;
  const found = await findCa(connection, id, signal);
  if (found === undefined) {
    return { why: l10n.t('the CA {id} is not registered in {region}.', { id, region }), remedy: REGISTER_CA };
  }
  if (found.mode === 'SNI_ONLY') {
    return {
      why: l10n.t(
        'the CA {id} is registered in mode SNI_ONLY, which was seen not to register vehicles at their first connect.',
        { id },
      ),
      remedy: l10n.t('Remove it ("ca remove"), and register it again with proof that you hold its key.'),
    };
  }
  if (found.status !== 'ACTIVE') {
    return {
      why: l10n.t('the CA {id} is switched off.', { id }),
      remedy: l10n.t('Switch it on with "ca on", and run this again: it continues with the same key.'),
    };
  }
  if (!found.autoRegistration) {
    return {
      why: l10n.t('the vehicles of CA {id} may not register themselves.', { id }),
      remedy: REGISTER_CA,
    };
  }
  return {
    why: l10n.t('its certificate is not registered, although its CA is.'),
    remedy: l10n.t(
      'The connection may not reach AWS IoT itself: check the endpoint, proxies and the clock, and run this again.',
    ),
  };
}

async function stillPending(
  { way, vehicle, ca, setup, certificatePem }: Refused,
  connection: Connected,
  signal: AbortSignal,
): Promise<Reason> {
  const { devicePolicy } = setup;
  if ((await findPolicy(connection, devicePolicy, signal)) === undefined) {
    return {
      why: l10n.t('the policy {name}, which its certificate is to get, is missing.', { name: devicePolicy }),
      remedy: l10n.t('It comes with the stacks of the CMS: check that they are deployed here.'),
    };
  }
  if (way === 'jitr') {
    return {
      why: l10n.t('its certificate waits to be activated.'),
      remedy: l10n.t('Run this again.'),
    };
  }
  const found = await findCa(connection, ca.signing.id, signal);
  const name = found?.templateName;
  if (found !== undefined && name === undefined && found.templateBody === undefined) {
    return {
      why: l10n.t('its CA has no template, so its certificate waits for somebody to activate it.'),
      remedy: l10n.t('Use the provisioner jitr, or register the CA for jitp with "ca register".'),
    };
  }
  const template = name === undefined ? undefined : await findTemplate(connection, name, signal);
  if (name !== undefined && template === undefined) {
    return { why: l10n.t('the template {name} of its CA is gone.', { name }), remedy: REGISTER_CA };
  }
  if (template?.enabled === false) {
    const command = `aws iot update-provisioning-template --template-name ${name ?? ''} --enabled`;
    return {
      why: l10n.t('the template {name} of its CA is disabled.', { name: name ?? '' }),
      remedy: l10n.t('Enable it: {command}', { command }),
    };
  }
  const missing = parametersMissing(template?.body ?? found?.templateBody ?? '', certificatePem);
  if (missing.length > 0) {
    return {
      why: l10n.t('the template asks for {names}, which the subject of its certificate does not have.', {
        names: l10n.list(missing, 'and'),
      }),
      remedy: l10n.t(
        'Add them to the subject (ca.json in the folder of the CA), set the pair aside with "replace" (--replace), and run this again.',
      ),
    };
  }
  const thing = await findThing(connection, vehicle.thingName, signal);
  return {
    why:
      thing === undefined
        ? l10n.t('its certificate is registered, but the template has made no thing.')
        : l10n.t('its certificate is registered, but the template has not activated it.'),
    remedy: l10n.t(
      'Check the role of the template, and the log group AWSIotLogsV2 in CloudWatch, which has the reason. Then run this again.',
    ),
  };
}

function registered(
  { status, things, policies }: { status: string; things: string[]; policies: string[] },
  { vehicle, setup }: Refused,
): Reason {
  if (status !== 'ACTIVE') {
    return {
      why: l10n.t('its certificate is {status}.', { status }),
      remedy: l10n.t(
        'It was taken out of service. To put it back, activate it in AWS IoT; otherwise provision the vehicle with "replace" (--replace).',
      ),
    };
  }
  if (!policies.includes(setup.devicePolicy)) {
    return {
      why: l10n.t('its certificate is ACTIVE, but does not have policy {policy}.', {
        policy: setup.devicePolicy,
      }),
      remedy: l10n.t('Attach it, or fix the template of its CA; then run this again.'),
    };
  }
  if (!things.includes(vehicle.thingName)) {
    return {
      why: l10n.t('its certificate is ACTIVE, but is not attached to thing {name}.', {
        name: vehicle.thingName,
      }),
      remedy: l10n.t('Attach it, or fix the template of its CA; then run this again.'),
    };
  }
  return {
    why: l10n.t('its certificate is ACTIVE and has what it needs, yet the connection is refused.'),
    remedy: l10n.t('Check what the policy allows, and whether the vehicle connects by its own client ID.'),
  };
}

/** What a template calls the parts of a subject ("Just-in-time provisioning", parameters), and what Node.js does. */
const PARAMETERS: Readonly<Record<string, string>> = {
  Country: 'C',
  StateName: 'ST',
  Organization: 'O',
  OrganizationalUnit: 'OU',
  SerialNumber: 'serialNumber',
  CommonName: 'CN',
  DistinguishedNameQualifier: 'dnQualifier',
};

/** Parameters that a certificate has to bring in its subject, and this one does not. */
function parametersMissing(body: string, certificatePem: string): string[] {
  const has = new Set(Object.keys(new X509Certificate(certificatePem).toLegacyObject().subject));
  const asked = [...body.matchAll(/"AWS::IoT::Certificate::([A-Za-z]+)"/g)].map(([, name = '']) => name);
  return [...new Set(asked)].filter((name) => {
    const part = PARAMETERS[name];
    return part !== undefined && !has.has(part);
  });
}
