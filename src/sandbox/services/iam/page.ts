import { AwsError } from '../../kernel/http.ts';
import { queryPage } from '../../protocols/query.ts';
import { members, type XmlObject } from '../../protocols/xml.ts';

/** One page of a list of IAM, by `MaxItems` (100 when it is not given) and `Marker`. */
export function iamPage(
  form: URLSearchParams,
  list: string,
  member: string,
  all: readonly XmlObject[] | readonly string[],
): XmlObject {
  const page = queryPage<XmlObject | string>(all, { list, token: form.get('Marker'), size: sizeOf(form) });
  return {
    [member]: members(page.items as XmlObject[]),
    IsTruncated: page.next !== undefined,
    Marker: page.next,
  };
}

/** `pathPrefixType` of IAM's model. */
export function checkPathPrefix(prefix: string): string {
  if (!/^\/[!-\x7f]{0,511}$/.test(prefix)) {
    throw new AwsError(
      'ValidationError',
      'The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters.',
    );
  }
  return prefix;
}

function sizeOf(form: URLSearchParams): number {
  const text = form.get('MaxItems') ?? '100';
  const size = Number(text);
  if (!Number.isInteger(size)) throw new AwsError('ValidationError', `'${text}' at 'maxItems' is no integer`);
  if (size < 1 || size > 1000) {
    const rule = size < 1 ? 'greater than or equal to 1' : 'less than or equal to 1000';
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${text}' at 'maxItems' failed to satisfy constraint: Member must have value ${rule}`,
    );
  }
  return size;
}
