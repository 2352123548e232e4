import { randomUUID } from 'node:crypto';
import { defined } from '../../core/defined.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Retrying } from '../../core/retry.ts';
import type { EnsureResult } from '../contract/steps.ts';
import type { Supplier } from './api.ts';
import type { AssetLibrary, Group } from './assetLibrary.ts';
import { lookOrCreate } from './certainty.ts';
import { SUPPLIERS, supplierPath } from './paths.ts';

const TEMPLATE = 'auto_supplier';

/**
 * A supplier right below /auto/suppliers (elsewhere it would inherit no provisioning template), with an external
 * id, without which the facade cannot register devices of it. The id is random: CMS does not check that it is
 * unique and takes the first hit.
 * @throws CmsError REQUEST_INVALID for a name CMS would corrupt or that another kind of group has
 */
export async function ensureSupplier(
  library: AssetLibrary,
  name: string,
  work: Retrying,
): Promise<{ supplier: Supplier; result: EnsureResult }> {
  const path = supplierPath(name);
  const { signal } = work;
  const { value: group, created } = await lookOrCreate<Group>(work, library.rest, {
    doing: l10n.t('creating the supplier {name}', { name }),
    look: () => library.group(path, signal),
    create: () =>
      library.createGroup(
        { parentPath: SUPPLIERS, templateId: TEMPLATE, name, attributes: { externalId: newExternalId() } },
        signal,
      ),
  });
  if (group.templateId !== TEMPLATE) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('"{name}" is in the asset library, but is not a supplier.', { name: group.name }),
      {
        remedy: l10n.t('Choose another supplier name.'),
        details: defined({ templateId: group.templateId }),
      },
    );
  }
  const { externalId } = group.attributes;
  if (typeof externalId === 'string' && externalId !== '') {
    return { supplier: { name: group.name, externalId }, result: created ? 'created' : 'found' };
  }
  const repaired = newExternalId();
  await library.patchGroup(path, { externalId: repaired }, signal);
  return { supplier: { name: group.name, externalId: repaired }, result: 'repaired' };
}

function newExternalId(): string {
  return randomUUID().replaceAll('-', '');
}
