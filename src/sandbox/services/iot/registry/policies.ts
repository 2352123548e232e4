import { randomUUID } from 'node:crypto';
import { deleteConflict, limitExceeded, notFound, alreadyExists, versionsLimit } from '../wire/errors.ts';
import type { Numbered } from '../wire/page.ts';
import { checkPolicyDocument } from './policyDocument.ts';
import { targetOf } from './principals.ts';
import type { PolicyRecord, PolicyVersion } from './records.ts';
import type { IotState } from './state.ts';
import { thingsBelow } from './thingGroups.ts';

export interface Policies {
  create(policyName: string, document: string): PolicyRecord;
  find(policyName: string): PolicyRecord;
  list(): Iterable<PolicyRecord>;
  remove(policyName: string): void;
  createVersion(policyName: string, document: string, setAsDefault: boolean): PolicyVersion;
  version(policyName: string, versionId: string): PolicyVersion;
  removeVersion(policyName: string, versionId: string): void;
  setDefault(policyName: string, versionId: string): void;
  /** Idempotent. */
  attach(policyName: string, target: string): void;
  detach(policyName: string, target: string): void;
  attachedTo(target: string): PolicyRecord[];
  attachments(target: string): ({ key: string } & Numbered)[];
  /** None for a policy that does not exist. */
  principalsOf(policyName: string): ({ key: string } & Numbered)[];
  /** The same; throws ResourceNotFoundException for a policy that does not exist. */
  targetsOf(policyName: string): ({ key: string } & Numbered)[];
  documentOf(policy: PolicyRecord): string;
}

const MAX_VERSIONS = 5;
/** "AWS IoT Core security limits": policies that can be attached to a certificate. */
const MAX_ATTACHED = 10;

export function createPolicies(state: IotState): Policies {
  const { policies, policyTargets } = state;
  const { limits } = state.context.config;

  function find(policyName: string): PolicyRecord {
    const found = policies.get(policyName);
    if (found === undefined) throw notFound('Policy not found');
    return found;
  }

  function version(policyName: string, versionId: string): PolicyVersion {
    const found = find(policyName).versions.find((each) => each.versionId === versionId);
    if (found === undefined) throw notFound(`Policy version not found: ${policyName}, ${versionId}`);
    return found;
  }

  function put(policy: PolicyRecord): void {
    policies.set(policy.policyName, { ...policy, modifiedAt: state.now(), generationId: randomUUID() });
  }

  /** A new default version affects everything the policy is attached to. */
  function notifyTargets(policyName: string): void {
    for (const { key } of policyTargets.rightsOf(policyName)) notify(key);
  }

  /** A policy of a group concerns the certificates of all its things. */
  function notify(target: string): void {
    const groups = state.arn('thinggroup', '');
    if (!target.startsWith(groups)) {
      state.changed(target);
      return;
    }
    for (const thing of thingsBelow(state, target.slice(groups.length))) {
      for (const { key } of state.thingPrincipals.rightsOf(thing)) state.changed(key);
    }
  }

  return {
    find,
    version,
    create(policyName, document) {
      checkPolicyDocument(document, limits);
      if (policies.has(policyName)) {
        throw alreadyExists(
          `Policy cannot be created - name already exists (name=${policyName})`,
          policyName,
          state.arn('policy', policyName),
        );
      }
      const created: PolicyRecord = {
        policyName,
        versions: [{ versionId: '1', document, createdAt: state.now() }],
        defaultVersionId: '1',
        lastVersion: 1,
        createdAt: state.now(),
        modifiedAt: state.now(),
        generationId: randomUUID(),
        sequence: state.next(),
      };
      policies.set(policyName, created);
      return created;
    },
    list: () => policies.values(),
    remove(policyName) {
      const policy = find(policyName);
      if (policyTargets.hasLeft(policyName)) {
        throw deleteConflict(
          `The policy cannot be deleted as the policy is attached to one or more principals (name=${policyName})`,
        );
      }
      if (policy.versions.length > 1) {
        throw deleteConflict(
          // The doubled word is AWS's.
          `The policy cannot be deleted as versions other than than default version exist (name=${policyName})`,
        );
      }
      policies.delete(policyName);
    },
    createVersion(policyName, document, setAsDefault) {
      const policy = find(policyName);
      checkPolicyDocument(document, limits);
      if (policy.versions.length >= MAX_VERSIONS) {
        throw versionsLimit(
          `The policy ${policyName} already has the maximum number of versions (${MAX_VERSIONS})`,
        );
      }
      const lastVersion = policy.lastVersion + 1;
      const created = { versionId: String(lastVersion), document, createdAt: state.now() };
      const defaultVersionId = setAsDefault ? created.versionId : policy.defaultVersionId;
      put({ ...policy, versions: [...policy.versions, created], lastVersion, defaultVersionId });
      if (setAsDefault) notifyTargets(policyName);
      return created;
    },
    removeVersion(policyName, versionId) {
      version(policyName, versionId);
      const policy = find(policyName);
      if (policy.defaultVersionId === versionId) {
        throw deleteConflict(`Cannot delete the default version of the policy (name=${policyName})`);
      }
      put({ ...policy, versions: policy.versions.filter((each) => each.versionId !== versionId) });
    },
    setDefault(policyName, versionId) {
      version(policyName, versionId);
      put({ ...find(policyName), defaultVersionId: versionId });
      notifyTargets(policyName);
    },
    attach(policyName, principal) {
      find(policyName);
      const target = targetOf(state, principal);
      const attached = policyTargets.leftsOf(target);
      if (limits && attached.length >= MAX_ATTACHED && !attached.some(({ key }) => key === policyName)) {
        throw limitExceeded(`At most ${MAX_ATTACHED} policies can be attached to a principal.`);
      }
      if (policyTargets.add(policyName, target, { sequence: state.next() })) notify(target);
    },
    detach(policyName, principal) {
      find(policyName);
      const target = targetOf(state, principal);
      if (policyTargets.remove(policyName, target)) notify(target);
    },
    attachedTo: (target) => policyTargets.leftsOf(target).map(({ key }) => find(key)),
    attachments: (principal) => policyTargets.leftsOf(targetOf(state, principal)),
    principalsOf: (policyName) => policyTargets.rightsOf(policyName),
    targetsOf(policyName) {
      find(policyName);
      return policyTargets.rightsOf(policyName);
    },
    documentOf: (policy) => version(policy.policyName, policy.defaultVersionId).document,
  };
}
