import type { Context } from '../../../kernel/context.ts';
import type { Table } from '../../../kernel/table.ts';
import type { Numbered } from '../wire/page.ts';
import { arnOf } from '../../../kit/partition.ts';
import type {
  AccountRecord,
  CaRecord,
  CertificateRecord,
  ClaimRecord,
  PolicyRecord,
  TemplateRecord,
  ThingGroupRecord,
  ThingRecord,
  ThingTypeRecord,
  RuleDestinationRecord,
  TopicRuleRecord,
} from './records.ts';
import type { ThingOperation } from './eventConfigurations.ts';
import { createRelation, type Relation } from './relation.ts';

export type ArnKind =
  | 'thing'
  | 'thinggroup'
  | 'thingtype'
  | 'cert'
  | 'cacert'
  | 'policy'
  | 'provisioningtemplate'
  | 'job'
  | 'rule';

/** The tables of the IoT registry, and helpers that its parts share. */
export interface IotState {
  readonly context: Context;
  readonly things: Table<ThingRecord>;
  readonly thingTypes: Table<ThingTypeRecord>;
  readonly certificates: Table<CertificateRecord>;
  readonly claims: Table<ClaimRecord>;
  readonly cas: Table<CaRecord>;
  readonly policies: Table<PolicyRecord>;
  readonly templates: Table<TemplateRecord>;
  readonly groups: Table<ThingGroupRecord>;
  readonly rules: Table<TopicRuleRecord>;
  readonly destinations: Table<RuleDestinationRecord>;
  /** Thing group to thing, by their names. */
  readonly groupThings: Relation<Numbered>;
  /** Thing name to principal (certificate ARN or Cognito identity). */
  readonly thingPrincipals: Relation<Attachment>;
  /** Policy name to target (certificate ARN, thing group ARN, or Cognito identity). */
  readonly policyTargets: Relation<Numbered>;
  now(): number;
  arn(kind: ArnKind, name: string): string;
  /** A sequence number for a new record. Always increases within a state. */
  next(): number;
  account(): AccountRecord;
  setAccount(change: Partial<AccountRecord>): void;
  onCertificateChange(listener: (certificateId: string) => void): void;
  /** Called for each registry event about a thing, whether or not the account wants messages of them. */
  onThingChange(listener: (operation: ThingOperation, thing: ThingRecord) => void): void;
  thingChanged(operation: ThingOperation, thing: ThingRecord): void;
  onThingRemoved(listener: (thingName: string) => void): void;
  thingRemoved(thingName: string): void;
  /** Notifies listeners of a changed certificate. Takes its id, or the ARN of any principal. */
  changed(principal: string): void;
}

export interface Attachment extends Numbered {
  type: 'EXCLUSIVE_THING' | 'NON_EXCLUSIVE_THING';
}

export function createState(context: Context): IotState {
  const { store, config } = context;
  const accounts = store.table<AccountRecord>('iot/account');
  const listeners: ((certificateId: string) => void)[] = [];
  const thingListeners: ((operation: ThingOperation, thing: ThingRecord) => void)[] = [];
  const removalListeners: ((thingName: string) => void)[] = [];
  const prefix = arnOf(config, 'iot', '');

  const account = (): AccountRecord => accounts.get('account') ?? { sequence: 0 };
  const setAccount = (change: Partial<AccountRecord>): void =>
    accounts.set('account', { ...account(), ...change });

  return {
    context,
    things: store.table('iot/things'),
    thingTypes: store.table('iot/thing-types'),
    certificates: store.table('iot/certificates'),
    claims: store.table('iot/claims'),
    cas: store.table('iot/ca-certificates'),
    policies: store.table('iot/policies'),
    templates: store.table('iot/provisioning-templates'),
    groups: store.table('iot/thing-groups'),
    rules: store.table('iot/topic-rules'),
    destinations: store.table('iot/rule-destinations'),
    groupThings: createRelation(store, 'iot/thing-group-things'),
    thingPrincipals: createRelation(store, 'iot/thing-principals'),
    policyTargets: createRelation(store, 'iot/policy-targets'),
    now: () => context.clock.now(),
    arn: (kind, name) => `${prefix}${kind}/${name}`,
    next() {
      const sequence = account().sequence + 1;
      setAccount({ sequence });
      return sequence;
    },
    account,
    setAccount,
    onCertificateChange: (listener) => {
      listeners.push(listener);
    },
    onThingChange: (listener) => {
      thingListeners.push(listener);
    },
    thingChanged(operation, thing) {
      for (const listener of thingListeners) listener(operation, thing);
    },
    onThingRemoved: (listener) => {
      removalListeners.push(listener);
    },
    thingRemoved(thingName) {
      for (const listener of removalListeners) listener(thingName);
    },
    changed(principal) {
      const certificateId = principal.slice(principal.lastIndexOf('/') + 1);
      if (!/^[0-9a-f]{64}$/.test(certificateId)) return;
      for (const listener of listeners) listener(certificateId);
    },
  };
}
