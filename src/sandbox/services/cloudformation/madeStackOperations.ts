import { AwsError } from '../../kernel/http.ts';
import { fieldsOf, membersOf, queryPage, required, type QueryOperation } from '../../protocols/query.ts';
import { members, xmlTime } from '../../protocols/xml.ts';
import type { MadeStacks } from './madeStacks.ts';
import type { StackInput } from './stackRecord.ts';

/** The calls that make stacks from templates, and tell how that went. */
export function madeStackOperations(
  made: MadeStacks,
  isInstalled: (name: string) => boolean,
): Record<string, QueryOperation> {
  const inputOf = (form: URLSearchParams): StackInput => {
    const fields = fieldsOf(form);
    const parameters: Record<string, string> = {};
    for (let i = 1; fields.has(`Parameters.member.${i}.ParameterKey`); i++) {
      const key = fields.get(`Parameters.member.${i}.ParameterKey`) ?? '';
      parameters[key] = fields.get(`Parameters.member.${i}.ParameterValue`) ?? '';
    }
    const template = form.get('TemplateBody');
    if (template === null || template === '') {
      throw new AwsError('ValidationError', 'Either Template URL or Template Body must be specified.');
    }
    return {
      name: nameIn(form),
      ...{ template, parameters, capabilities: membersOf(form, 'Capabilities') },
    };
  };
  const nameIn = (form: URLSearchParams): string => {
    const name = required(form, 'StackName');
    if (!isInstalled(name)) return name;
    throw new AwsError('ValidationError', `Stack [${name}] is installed with the sandbox: it stays as it is`);
  };
  const idOf = (name: string): string => {
    const found =
      made.all().find((each) => each.name === name && each.status !== 'DELETE_COMPLETE') ??
      made.all().find((each) => each.id === name);
    if (found !== undefined) return found.id;
    throw new AwsError('ValidationError', `Stack [${name}] does not exist`);
  };
  return {
    CreateStack: (form) => ({ StackId: made.create(inputOf(form)) }),
    UpdateStack: (form) => ({ StackId: made.update(inputOf(form)) }),
    DeleteStack(form) {
      made.remove(nameIn(form));
      return undefined;
    },
    GetTemplate: (form) => ({ TemplateBody: made.templateOf(idOf(required(form, 'StackName'))) ?? '' }),
    DescribeStackEvents(form) {
      const id = idOf(required(form, 'StackName'));
      const name = id.split('/')[1] ?? '';
      const events = made.eventsOf(id).map((event, index) => ({ ...event, index }));
      const page = queryPage(events.reverse(), {
        ...{ list: `DescribeStackEvents ${id}`, token: form.get('NextToken'), size: 100 },
      });
      return {
        StackEvents: members(
          page.items.map(({ logicalId, physicalId, type, status, reason, at, index }) => ({
            StackId: id,
            StackName: name,
            EventId: `${logicalId}-${index}`,
            LogicalResourceId: logicalId,
            PhysicalResourceId: physicalId,
            ResourceType: type,
            Timestamp: xmlTime(at),
            ResourceStatus: status,
            ResourceStatusReason: reason,
          })),
        ),
        NextToken: page.next,
      };
    },
  };
}
