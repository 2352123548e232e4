import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../../kernel/context.ts';
import { AwsError } from '../../kernel/http.ts';
import { contained } from '../../kit/contained.ts';
import { arnOf, hostEndingOf, partitionOf } from '../../kit/partition.ts';
import type { ResourceTypes } from './resourceTypes.ts';
import { derivedUuid, type Stack } from './stack.ts';
import {
  physicalName,
  type Resource,
  type StackEvent,
  type StackInput,
  type StackRecord,
} from './stackRecord.ts';
import {
  holds,
  inOrder,
  invalid,
  parametersOf,
  readTemplate,
  resolved,
  type Scope,
  type Template,
} from './template.ts';

/** The stacks that callers make from templates. */
export interface MadeStacks {
  create(input: StackInput): string;
  update(input: StackInput): string;
  /** One that is not there is fine. */
  remove(nameOrId: string): void;
  /** As CloudFormation would describe them, newest first. */
  all(): Stack[];
  eventsOf(id: string): readonly StackEvent[];
  templateOf(id: string): string | undefined;
}

/** How long a stack is in progress, in milliseconds: nobody may take it for made at once. */
const TAKES_MS = 30;

/** @param taken whether an installation has a stack of this name */
export function createMadeStacks(
  context: Context,
  types: ResourceTypes,
  taken: (name: string) => boolean,
): MadeStacks {
  const { clock, config } = context;
  const records = context.store.table<StackRecord>('cloudformation.made');

  const living = (name: string): StackRecord | undefined =>
    [...records.values()].find((each) => each.name === name && each.status !== 'DELETE_COMPLETE');
  const save = (record: StackRecord): void => records.set(record.id, record);

  function changed(id: string, change: (record: StackRecord) => StackRecord): void {
    const record = records.get(id);
    if (record !== undefined) save(change(record));
  }
  function say(id: string, event: Omit<StackEvent, 'at'>): void {
    changed(id, (record) => ({ ...record, events: [...record.events, { ...event, at: clock.now() }] }));
  }
  function status(id: string, next: string, reason?: string): void {
    changed(id, (record) => ({ ...record, status: next }));
    const { name = '' } = records.get(id) ?? {};
    say(id, {
      ...{ logicalId: name, physicalId: id, type: 'AWS::CloudFormation::Stack', status: next, reason },
    });
  }

  function scopeOf(record: StackRecord, made: ReadonlyMap<string, Resource>, template: Template): Scope {
    const pseudo: Readonly<Record<string, string>> = {
      'AWS::AccountId': config.accountId,
      'AWS::Region': config.region,
      'AWS::Partition': partitionOf(config.region),
      'AWS::URLSuffix': hostEndingOf(config.region),
      'AWS::StackName': record.name,
      'AWS::StackId': record.id,
    };
    return {
      conditions: template.conditions,
      ref: (name) => {
        const value = record.parameters[name] ?? pseudo[name] ?? made.get(name)?.physicalId;
        if (value !== undefined) return value;
        throw invalid(`Template format error: Unresolved resource dependencies [${name}]`);
      },
      attribute: (resource, name) => {
        const value = made.get(resource)?.attributes[name];
        if (value !== undefined) return value;
        throw invalid(`Template error: resource ${resource} does not support attribute type ${name}`);
      },
    };
  }

  /** Makes the resources in the order in which they need each other; those that are as they should be stay. */
  function build(record: StackRecord, template: Template): { made: Map<string, Resource>; failed?: string } {
    const made = new Map<string, Resource>();
    const before = new Map(record.resources.map((each) => [each.logicalId, each]));
    const scope = scopeOf(record, made, template);
    for (const logicalId of inOrder(template)) {
      const resource = template.resources[logicalId];
      if (resource === undefined) continue;
      if (resource.Condition !== undefined && !holds(resource.Condition, scope)) continue;
      const known = before.get(logicalId);
      const about = { logicalId, type: resource.Type };
      try {
        const properties = resolved(resource.Properties, scope) as Record<string, unknown>;
        if (known !== undefined && isDeepStrictEqual(known.properties, properties)) {
          made.set(logicalId, known);
          continue;
        }
        const verb = known === undefined ? 'CREATE' : 'UPDATE';
        const type = types[resource.Type];
        if (type === undefined) throw invalid(`The sandbox makes no resources of type ${resource.Type}`);
        const put = type.put(properties, known?.physicalId ?? physicalName(record, logicalId));
        made.set(logicalId, { ...about, ...put, properties });
        say(record.id, {
          ...about,
          physicalId: put.physicalId,
          status: `${verb}_COMPLETE`,
          reason: undefined,
        });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const verb = known === undefined ? 'CREATE' : 'UPDATE';
        const event = {
          physicalId: known?.physicalId ?? '',
          status: `${verb}_FAILED`,
          reason: error.message,
        };
        say(record.id, { ...about, ...event });
        return { made, failed: logicalId };
      }
    }
    return { made };
  }

  function takeAway(record: StackRecord, resources: readonly Resource[]): void {
    for (const { logicalId, type, physicalId } of [...resources].reverse()) {
      types[type]?.remove(physicalId);
      say(record.id, { logicalId, physicalId, type, status: 'DELETE_COMPLETE', reason: undefined });
    }
  }

  /** Removes the resources of a stack; those that cannot be removed stay. */
  function stayingOf(record: StackRecord): Resource[] {
    return record.resources.toReversed().flatMap((resource) => {
      try {
        takeAway(record, [resource]);
        return [];
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const { logicalId, physicalId, type } = resource;
        say(record.id, { logicalId, physicalId, type, status: 'DELETE_FAILED', reason: error.message });
        return [resource];
      }
    });
  }

  function outputsOf(record: StackRecord, template: Template, made: ReadonlyMap<string, Resource>) {
    const scope = scopeOf(record, made, template);
    return Object.entries(template.outputs).map(([key, { Value, Description }]) => ({
      ...{ key, value: String(resolved(Value, scope)) },
      ...(Description === undefined ? {} : { description: Description }),
    }));
  }

  /** What a stack in progress is about to be; also after the process was killed in the middle of it. */
  function carryOut(id: string): void {
    const record = records.get(id);
    if (record === undefined) return;
    const template = readTemplate(record.template);
    switch (record.status) {
      case 'CREATE_IN_PROGRESS': {
        const { made, failed } = build(record, template);
        const resources = [...made.values()];
        if (failed === undefined) {
          changed(id, (now) => ({ ...now, resources, outputs: outputsOf(record, template, made) }));
          status(id, 'CREATE_COMPLETE');
        } else {
          status(id, 'ROLLBACK_IN_PROGRESS', `The following resource(s) failed to create: [${failed}]. `);
          takeAway(record, resources);
          status(id, 'ROLLBACK_COMPLETE');
        }
        return;
      }
      case 'UPDATE_IN_PROGRESS': {
        const { made, failed } = build(record, template);
        const resources = [...made.values()];
        if (failed !== undefined) {
          const kept = record.resources.filter(({ logicalId }) => !made.has(logicalId));
          const back = { ...record, ...record.before, resources: [...resources, ...kept] };
          const old = readTemplate(back.template);
          status(id, 'UPDATE_ROLLBACK_IN_PROGRESS', `The following resource(s) failed: [${failed}]. `);
          const again = [...build(back, old).made.values()];
          takeAway(
            record,
            back.resources.filter(({ logicalId }) => !again.some((each) => each.logicalId === logicalId)),
          );
          const { template: body, parameters } = back;
          changed(id, (now) => ({ ...now, resources: again, template: body, parameters }));
          status(id, 'UPDATE_ROLLBACK_COMPLETE');
          return;
        }
        takeAway(
          record,
          record.resources.filter(({ logicalId }) => !made.has(logicalId)),
        );
        changed(id, (now) => ({ ...now, resources, outputs: outputsOf(record, template, made) }));
        status(id, 'UPDATE_COMPLETE');
        return;
      }
      case 'DELETE_IN_PROGRESS': {
        const stays = stayingOf(record);
        changed(id, (now) => ({ ...now, resources: stays }));
        if (stays.length === 0) status(id, 'DELETE_COMPLETE');
        else {
          const names = stays.map(({ logicalId }) => logicalId).join(', ');
          status(id, 'DELETE_FAILED', `The following resource(s) failed to delete: [${names}]. `);
        }
        return;
      }
      default:
        return;
    }
  }
  const later = (id: string): void => {
    const failed = (): void => {
      const was = records.get(id)?.status ?? '';
      if (was.endsWith('_IN_PROGRESS')) status(id, was.replace('_IN_PROGRESS', '_FAILED'));
    };
    const work = (): void => contained(context.log, 'CloudFormation', failed, () => carryOut(id));
    setTimeout(work, TAKES_MS).unref();
  };

  for (const { id, status: was } of records.values()) if (was.endsWith('_IN_PROGRESS')) later(id);

  function checked({ template: body, parameters, capabilities }: StackInput) {
    const template = readTemplate(body);
    const values = parametersOf(template, parameters);
    inOrder(template);
    const hasRoles = Object.values(template.resources).some(({ Type }) => Type.startsWith('AWS::IAM::'));
    if (hasRoles && !capabilities.some((each) => /^CAPABILITY_(NAMED_)?IAM$/.test(each))) {
      throw new AwsError('InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_IAM]');
    }
    return values;
  }

  return {
    create(input) {
      const { name, template, capabilities } = input;
      if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name)) {
        throw invalid(
          `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
        );
      }
      if (living(name) !== undefined || taken(name)) {
        throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);
      }
      const parameters = checked(input);
      const now = clock.now();
      const id = arnOf(
        config,
        'cloudformation',
        `stack/${name}/${derivedUuid(`${name}/${now}/${records.size}`)}`,
      );
      save({
        ...{ name, id, template, parameters, capabilities: [...capabilities] },
        ...{ status: '', resources: [], outputs: [], createdAt: now, sequence: records.size, events: [] },
      });
      status(id, 'CREATE_IN_PROGRESS', 'User Initiated');
      later(id);
      return id;
    },
    update(input) {
      const record = living(input.name) ?? records.get(input.name);
      if (record === undefined) throw invalid(`Stack [${input.name}] does not exist`);
      if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(record.status)) {
        throw invalid(`Stack:${record.id} is in ${record.status} state and can not be updated.`);
      }
      const parameters = checked(input);
      if (record.template === input.template && isDeepStrictEqual(record.parameters, parameters)) {
        throw invalid('No updates are to be performed.');
      }
      const before = { template: record.template, parameters: record.parameters };
      const capabilities = [...input.capabilities];
      save({ ...record, template: input.template, parameters, capabilities, before });
      status(record.id, 'UPDATE_IN_PROGRESS', 'User Initiated');
      later(record.id);
      return record.id;
    },
    remove(nameOrId) {
      const record = living(nameOrId) ?? records.get(nameOrId);
      if (record === undefined || /^DELETE_(COMPLETE|IN_PROGRESS)$/.test(record.status)) return;
      status(record.id, 'DELETE_IN_PROGRESS', 'User Initiated');
      later(record.id);
    },
    all: () =>
      [...records.values()]
        .sort((a, b) => b.sequence - a.sequence)
        .map(
          ({ name, id, status: now, parameters, outputs, resources, capabilities, createdAt, template }) => ({
            ...{ name, id, status: now, createdAt, parameters, outputs, capabilities },
            description: readTemplate(template).description,
            resources: resources.map(({ logicalId, physicalId, type }) => ({ logicalId, physicalId, type })),
            rollbackDisabled: false,
          }),
        ),
    eventsOf: (id) => records.get(id)?.events ?? [],
    templateOf: (id) => records.get(id)?.template,
  };
}
