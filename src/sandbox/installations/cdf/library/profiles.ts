import type { Store } from '../../../kernel/store.ts';
import { requireText } from '../rest/arguments.ts';
import type { Json } from '../../../kit/json.ts';
import { failedValidation, invalidProfile, invalidRelation, itemExists, itemNotFound } from './errors.ts';
import type { FireEvent } from './events.ts';
import { changed } from './groups.ts';
import { printable } from './paths.ts';
import type { RelationRule } from './relationRules.ts';
import { type Relations, readRelations } from './relations.ts';
import type { Category } from './schemas.ts';
import type { Templates } from './templates.ts';

/** Default values for items of a template. */
export type Profile = Json & { profileId: string; templateId: string; category: Category; attributes: Json };

export interface Profiles {
  get(templateId: string, profileId: string): Profile | undefined;
  list(templateId: string): Profile[];
  create(category: string, templateId: string, body: Json): void;
  update(category: string, templateId: string, profileId: string, body: Json): void;
  remove(templateId: string, profileId: string): void;
  /** The item, completed with the profile's values. Throws INVALID_PROFILE. */
  apply(item: Json, profileId: string): Json;
}

export function createProfiles(
  store: Store,
  core: string,
  templates: Templates,
  allowed: RelationRule,
  fire: FireEvent,
): Profiles {
  const table = store.table<Profile>(`cms/library/${core}/profiles`);
  const keyOf = (templateId: string, profileId: string): string =>
    `${templateId.toLowerCase()}___${profileId.toLowerCase()}`;

  function get(templateId: string, profileId: string): Profile | undefined {
    requireText(templateId, 'templateId');
    requireText(profileId, 'profileId');
    return table.get(keyOf(templateId, profileId));
  }

  /** Validates a profile like an update of an item: members that the template requires may be missing. */
  function read(category: string, templateId: string, profileId: unknown, body: Json): Profile {
    requireText(profileId);
    requireText(templateId);
    const { groups, devices, ...members } = body;
    const item: Json = {
      attributes: {},
      ...members,
      ...readRelations({ groups, devices }),
      templateId: templateId.toLowerCase(),
    };
    delete item.profileId;
    delete item.category;
    const kind = category === 'device' ? 'device' : 'group';
    if (!templates.fits(templateId, kind, item, 'update')) throw failedValidation();
    if (!allowed(templateId, item.groups as Relations | undefined)) throw invalidRelation();
    return {
      ...item,
      attributes: item.attributes as Json,
      profileId: printable(profileId).toLowerCase(),
      templateId: templateId.toLowerCase(),
      category: kind,
    };
  }

  function fireChange(profile: Profile, event: 'create' | 'modify'): void {
    const { category, templateId } = profile;
    fire({
      objectId: profile.profileId,
      type: 'profiles',
      event,
      item: profile,
      attributes: { category, templateId },
    });
  }

  return {
    get,
    list: (templateId) =>
      [...table.values()].filter((profile) => profile.templateId === templateId.toLowerCase()),
    create(category, templateId, body) {
      const profile = read(category, templateId, body.profileId, body);
      const key = keyOf(templateId, profile.profileId);
      if (table.has(key)) throw itemExists();
      table.set(key, profile);
      fireChange(profile, 'create');
    },
    update(category, templateId, profileId, body) {
      const change = read(category, templateId, profileId, body);
      const existing = table.get(keyOf(templateId, profileId));
      // As in the original, updating an unknown profile changes nothing and is answered with success.
      if (existing) {
        const attributes = changed(existing.attributes, change.attributes);
        table.set(keyOf(templateId, profileId), { ...existing, ...change, attributes });
      }
      fireChange(change, 'modify');
    },
    remove(templateId, profileId) {
      const profile = get(templateId, profileId);
      if (!profile) throw itemNotFound();
      table.delete(keyOf(templateId, profileId));
      fire({
        objectId: profileId.toLowerCase(),
        type: 'profiles',
        event: 'delete',
        item: profile,
        attributes: { templateId: templateId.toLowerCase() },
      });
    },
    apply(item, profileId) {
      const profile = get(String(item.templateId), profileId);
      if (!profile) throw invalidProfile();
      const members = Object.fromEntries(Object.entries(profile).filter(([key]) => key !== 'profileId'));
      const own = item.groups as Relations | undefined;
      const base = profile.groups as Relations | undefined;
      const groups: Relations = {};
      for (const direction of ['in', 'out'] as const) {
        const map = { ...base?.[direction], ...own?.[direction] };
        if (Object.keys(map).length > 0) groups[direction] = map;
      }
      return {
        ...members,
        ...item,
        attributes: { ...profile.attributes, ...(item.attributes as Json | undefined) },
        groups,
      };
    },
  };
}
