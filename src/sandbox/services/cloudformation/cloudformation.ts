import { AwsError, type HttpRequest } from '../../kernel/http.ts';
import type { Context } from '../../kernel/context.ts';
import { createQueryService, membersOf, queryPage, type QueryService } from '../../protocols/query.ts';
import { members, xmlTime } from '../../protocols/xml.ts';
import { createDeployedStacks, type DeployedStacks } from './deployedStacks.ts';
import { createMadeStacks } from './madeStacks.ts';
import { madeStackOperations } from './madeStackOperations.ts';
import type { ResourceTypes } from './resourceTypes.ts';
import type { Stack } from './stack.ts';
import { describeStack, isStackStatus, summarizeStack } from './stackXml.ts';

/** CloudFormation's own page sizes (API reference of ListStacks, ListExports; ListStackResources names none). */
const PAGE_SIZE = 100;
const MAX_RESOURCES = 100;

export interface CloudFormation {
  readonly service: QueryService;
  readonly stacks: DeployedStacks;
}

/**
 * CloudFormation 2010-05-15: the stacks of what is installed, which only can be read, and those that callers make.
 * They are in the sandbox's region; a call signed for another region sees none.
 * @param types the resources that stacks of callers can have
 */
export function createCloudFormation(context: Context, types: ResourceTypes = {}): CloudFormation {
  const stacks = createDeployedStacks(context);
  const isInstalled = (name: string): boolean => stacks.all().some((stack) => stack.name === name);
  const made = createMadeStacks(context, types, isInstalled);

  function visible(request: HttpRequest): Stack[] {
    if (request.region === context.config.region) return [...made.all(), ...stacks.all()];
    context.log(
      'warn',
      `CloudFormation was asked in ${request.region}; the stacks are in ${context.config.region}`,
    );
    return [];
  }

  const service = createQueryService({
    name: 'cloudformation',
    version: '2010-05-15',
    namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
    operations: {
      ...madeStackOperations(made, isInstalled),

      ListStacks(form, request) {
        const wanted = membersOf(form, 'StackStatusFilter');
        for (const status of wanted) {
          if (!isStackStatus(status)) {
            throw new AwsError(
              'ValidationError',
              `1 validation error detected: Value '[${status}]' at 'stackStatusFilter' failed to satisfy constraint: ` +
                'Member must satisfy enum value set',
            );
          }
        }
        const all = visible(request).filter((s) => wanted.length === 0 || wanted.includes(s.status));
        const page = queryPage(all, { list: 'ListStacks', token: form.get('NextToken'), size: PAGE_SIZE });
        return { StackSummaries: members(page.items.map(summarizeStack)), NextToken: page.next };
      },

      DescribeStacks(form, request) {
        const name = form.get('StackName');
        const all = visible(request);
        const found =
          name === null || name === ''
            ? all.filter((s) => s.status !== 'DELETE_COMPLETE')
            : [find(all, name)];
        const page = queryPage(found, {
          list: 'DescribeStacks',
          token: form.get('NextToken'),
          size: PAGE_SIZE,
        });
        return { Stacks: members(page.items.map(describeStack)), NextToken: page.next };
      },

      DescribeStackResources(form, request) {
        const all = visible(request);
        const physicalId = form.get('PhysicalResourceId');
        const stack = resourcesStack(all, form.get('StackName'), physicalId);
        const logicalId = form.get('LogicalResourceId');
        const wanted = stack.resources.filter((r) => logicalId === null || r.logicalId === logicalId);
        if (logicalId !== null && wanted.length === 0) {
          throw new AwsError(
            'ValidationError',
            `Resource ${logicalId} does not exist for stack ${stack.name}`,
          );
        }
        return {
          StackResources: members(
            wanted.slice(0, MAX_RESOURCES).map((resource) => ({
              StackName: stack.name,
              StackId: stack.id,
              LogicalResourceId: resource.logicalId,
              PhysicalResourceId: resource.physicalId,
              ResourceType: resource.type,
              Timestamp: new Date(stack.createdAt).toISOString(),
              ResourceStatus: 'CREATE_COMPLETE',
              DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
            })),
          ),
        };
      },

      ListStackResources(form, request) {
        const name = form.get('StackName');
        if (name === null || name === '') {
          throw new AwsError(
            'ValidationError',
            "1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null",
          );
        }
        const stack = find(visible(request), name);
        const page = queryPage(stack.resources, {
          list: `ListStackResources ${stack.id}`,
          token: form.get('NextToken'),
          size: PAGE_SIZE,
        });
        return {
          StackResourceSummaries: members(
            page.items.map((resource) => ({
              LogicalResourceId: resource.logicalId,
              PhysicalResourceId: resource.physicalId,
              ResourceType: resource.type,
              LastUpdatedTimestamp: xmlTime(stack.createdAt),
              ResourceStatus: 'CREATE_COMPLETE',
              DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
            })),
          ),
          NextToken: page.next,
        };
      },

      ListExports(form, request) {
        const all = visible(request).flatMap((stack) =>
          stack.outputs.flatMap((output) =>
            output.exportName === undefined
              ? []
              : [{ ExportingStackId: stack.id, Name: output.exportName, Value: output.value }],
          ),
        );
        all.sort((a, b) => (a.Name < b.Name ? -1 : 1));
        const page = queryPage(all, { list: 'ListExports', token: form.get('NextToken'), size: PAGE_SIZE });
        return { Exports: members(page.items), NextToken: page.next };
      },
    },
  });
  return { service, stacks };
}

function resourcesStack(all: Stack[], name: string | null, physicalId: string | null): Stack {
  if (name !== null && physicalId !== null) {
    throw new AwsError('ValidationError', 'StackName and PhysicalResourceId cannot be given together');
  }
  if (name !== null) return find(all, name);
  if (physicalId === null) {
    throw new AwsError('ValidationError', 'Either StackName or PhysicalResourceId must be given');
  }
  const owner = all.find((s) => s.resources.some((r) => r.physicalId === physicalId));
  if (!owner) throw new AwsError('ValidationError', `Stack for ${physicalId} does not exist`);
  return owner;
}

/** Finds a stack by name or id. Only an id finds deleted stacks. */
function find(all: Stack[], nameOrId: string): Stack {
  if (!/^([a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*)$/.test(nameOrId)) {
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${nameOrId}' at 'stackName' failed to satisfy constraint: ` +
        'Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*',
    );
  }
  const stack = all.find((s) => s.id === nameOrId || (s.name === nameOrId && s.status !== 'DELETE_COMPLETE'));
  if (!stack) throw new AwsError('ValidationError', `Stack with id ${nameOrId} does not exist`);
  return stack;
}
