import { EnableTopicRuleCommand, GetTopicRuleCommand, type TopicRule } from '@aws-sdk/client-iot';
import { l10n } from '../../core/message.ts';
import { calling, unlessMissing } from '../calls.ts';
import type { Connection } from '../connection.ts';
import { isAwsError } from '../errors.ts';

/** Undefined for a rule that does not exist, or may not be read: AWS IoT answers both alike. */
export async function findTopicRule(
  connection: Connection,
  ruleName: string,
  signal: AbortSignal,
): Promise<TopicRule | undefined> {
  const client = await connection.iot();
  const doing = l10n.t('reading the topic rule {name}', { name: ruleName });
  const found = await unlessMissing(doing, async () => {
    try {
      return await client.send(new GetTopicRuleCommand({ ruleName }), { abortSignal: signal });
    } catch (error) {
      if (isAwsError(error, 'UnauthorizedException')) return undefined;
      throw error;
    }
  });
  return found?.rule;
}

/** Switches a rule on that is there. */
export async function enableTopicRule(
  connection: Connection,
  ruleName: string,
  signal: AbortSignal,
): Promise<void> {
  const client = await connection.iot();
  await calling(l10n.t('enabling the topic rule {name}', { name: ruleName }), () =>
    client.send(new EnableTopicRuleCommand({ ruleName }), { abortSignal: signal }),
  );
}
