import { l10n } from '../../core/message.ts';
import type { CredentialNeed } from '../contract/credentials.ts';
import type { ListInfo, NamedList } from '../contract/lists.ts';
import type { CdfApi } from './api.ts';

const USERS: ListInfo = {
  id: 'owners',
  command: 'users',
  description: 'list CMS users',
  columns: [
    { heading: 'USER', width: 24 },
    { heading: 'NAME', width: 32 },
    { heading: 'E-MAIL', width: 32 },
  ],
};
const SUPPLIERS: ListInfo = {
  id: 'suppliers',
  command: 'suppliers',
  description: 'list suppliers of devices',
  columns: [
    { heading: 'SUPPLIER', width: 40 },
    { heading: 'EXTERNAL ID', width: 40 },
  ],
};

export const listInfos: readonly ListInfo[] = [USERS, SUPPLIERS];

export function createNamedLists(
  api: Pick<CdfApi, 'users' | 'suppliers'>,
  needs: CredentialNeed,
): readonly NamedList[] {
  return [
    {
      ...USERS,
      title: l10n.t('Owners'),
      empty: l10n.t('No owners yet'),
      signIn: l10n.t('Sign in to see the owners…'),
      icon: 'organization',
      needs,
      async page(page, signal) {
        const { items, next } = await api.users(page, signal);
        return {
          items: items.map((user) => ({
            key: user.username,
            words: [`${user.firstName} ${user.lastName}`, user.email].filter(Boolean).join(' · '),
            icon: 'person',
            cells: [user.username, `${user.firstName} ${user.lastName}`, user.email ?? '-'],
            value: user,
          })),
          next,
        };
      },
    },
    {
      ...SUPPLIERS,
      title: l10n.t('Suppliers'),
      empty: l10n.t('No suppliers yet'),
      signIn: l10n.t('Sign in to see the suppliers…'),
      icon: 'package',
      needs,
      async page(page, signal) {
        const { items, next } = await api.suppliers(page, signal);
        return {
          items: items.map((supplier) => ({
            key: supplier.name,
            words: supplier.externalId,
            icon: 'package',
            cells: [supplier.name, supplier.externalId],
            value: supplier,
          })),
          next,
        };
      },
    },
  ];
}
