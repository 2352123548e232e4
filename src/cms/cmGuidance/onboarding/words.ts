import { l10n, type Message } from '../../../core/message.ts';

export function notEnrolled(vin: string): Message {
  return l10n.t(
    '{vin} is not enrolled in its fleet: the API has no route for that. Without it there is no live view, operators do not see it, and the remote simulator does not know it. Onboard it again with --enrollment table, which writes into the table of the CMS.',
    { vin },
  );
}

export function enrollByHand(vin: string): Message {
  return l10n.t('The API has no route to enroll {vin}: it is written into the table of the CMS', { vin });
}

export function readableByOthers(vin: string): Message {
  return l10n.t(
    'Everybody who may read the table of certificates of this CMS has the key of {vin}, too. Rotate its certificate to replace it with a key of this computer.',
    { vin },
  );
}

export function mayNotConnect(vin: string, clientId: string): Message {
  return l10n.t('The policies of {vin} do not let it connect as {clientId}.', { vin, clientId });
}
