/** Intrinsic functions of CloudFormation, as the templates here use them. */
export const ref = (name: string) => ({ Ref: name });
export const attributeOf = (name: string, attribute: string) => ({ 'Fn::GetAtt': [name, attribute] });
export const sub = (text: string) => ({ 'Fn::Sub': text });
export const when = (condition: string, yes: unknown, no: unknown) => ({ 'Fn::If': [condition, yes, no] });
export const isEmpty = (parameter: string) => ({ 'Fn::Equals': [ref(parameter), ''] });

export const allow = (sid: string, actions: readonly string[], resource: unknown, condition?: object) => ({
  ...{ Sid: sid, Effect: 'Allow', Action: actions, Resource: resource },
  ...(condition === undefined ? {} : { Condition: condition }),
});

export function policyOf(...statements: object[]): object {
  return { Version: '2012-10-17', Statement: statements };
}
