import type { Core } from './core.ts';

/**
 * Basic Ingest: a message for one topic rule, on `$aws/rules/<rule>/<topic>`. It goes to no subscriber, and what the
 * rule sees as its topic has no such beginning (AWS IoT Developer Guide, "Reducing messaging costs with Basic Ingest").
 */
export interface BasicIngest {
  name: string;
  topic: string;
}

/** Undefined for any other topic. */
export function basicIngest(topic: string): BasicIngest | undefined {
  const [, name, rest] = /^\$aws\/rules\/([^/]+)(?:\/(.*))?$/s.exec(topic) ?? [];
  return name === undefined ? undefined : { name, topic: rest ?? '' };
}

/** Hands the message to the rule, if there is one; whoever published learns nothing of it. */
export function ingest(
  core: Core,
  message: { rule: BasicIngest; payload: Buffer; clientId: string; certificateId: string | undefined },
): void {
  const { rule, payload, clientId, certificateId } = message;
  if (!core.isRule(rule.name)) {
    const name = JSON.stringify(clientId);
    core.context.log(
      'info',
      `A message of ${name} to ${JSON.stringify(rule.name)} is lost: there is no such rule`,
    );
    return;
  }
  core.onMessage({ topic: rule.topic, payload, clientId, certificateId, rule: rule.name });
}
