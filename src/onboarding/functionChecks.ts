import type { CloudCa } from '../aws/iot/caCertificates.ts';
import { enableTopicRule } from '../aws/iot/topicRules.ts';
import { type Check, type CheckTools, ok, skip } from '../cms/contract/checks.ts';
import type { OwnCaSetup } from '../cms/contract/provisioner.ts';
import { isCmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { type FunctionState, lookAtFunction } from '../provisioning/ca/function/functionState.ts';
import { check } from './diagnoseDeps.ts';
import { type Finding, warnOf } from './findings.ts';

/** Whether the functions that let vehicles of own CAs in can do so; none of it keeps out vehicles that are in already. */
export function functionChecks(setup: OwnCaSetup | undefined): readonly Check[] {
  if (setup === undefined) return [];
  return [
    check({
      id: 'registration-functions',
      title: l10n.t('Functions that let vehicles of your own CAs in'),
      stage: 'deployment',
      needs: [],
      async run({ tools }, work) {
        try {
          const cas = (await tools.cloud.cas(work.signal)).filter(isForJitr);
          const states = [];
          for (const { id } of cas) {
            const state = await lookAtFunction(id, tools.connection, work);
            if (state !== undefined) states.push(state);
          }
          return verdict(states, cas.length, tools);
        } catch (error) {
          // Who has none needs no permission to look for one.
          if (!isCmsError(error) || error.code !== 'ACCESS_DENIED') throw error;
          return skip(error.sentence);
        }
      },
    }),
  ];
}

function isForJitr({ status, autoRegistration, templateName, templateBody }: CloudCa): boolean {
  return status === 'ACTIVE' && autoRegistration && templateName === undefined && templateBody === undefined;
}

function verdict(states: readonly FunctionState[], cas: number, { connection }: CheckTools) {
  if (cas === 0) return ok(l10n.t('No CA is registered for jitr, so none is needed.'));
  if (states.length === 0) {
    return ok(
      l10n.t('None is deployed: vehicles wait until they are provisioned from here, or watched for.'),
    );
  }
  const problems = states.flatMap((state) => problemsOf(state, connection));
  if (problems.length === 0) {
    const unseen = states.flatMap((state) => state.unseen.map(({ sentence }) => sentence));
    if (unseen.length > 0) return skip(l10n.list(unseen, 'sentences'));
    return ok(
      l10n.plural(
        states.length,
        l10n.t('1 is deployed; it decides on new vehicles.'),
        l10n.t('{count} are deployed; they decide on new vehicles.', { count: states.length }),
      ),
    );
  }
  return warnOf(problems);
}

const SET_UP = l10n.t('Run "ca function setup" with your list: it puts in place what is missing.');

/** What keeps a function from deciding. */
export function problemsOf(
  { stack, isWhole, rule, list, lastError }: FunctionState,
  connection: CheckTools['connection'],
): Finding[] {
  if (!isWhole) {
    return [
      {
        what: l10n.t('Stack {name} is {status}: its function may let nobody in.', {
          name: stack.name,
          status: stack.status,
        }),
        remedy: stack.status.endsWith('_IN_PROGRESS') ? l10n.t('Wait until CloudFormation is done.') : SET_UP,
      },
    ];
  }
  const problems: Finding[] = [];
  if (rule?.state === 'missing') {
    const { name } = rule;
    problems.push({
      what: l10n.t('There is no topic rule {name}, or it may not be read: the function hears of nobody.', {
        name,
      }),
      remedy: l10n.t('Remove the function with "ca function remove", and set it up again.'),
    });
  }
  if (rule?.state === 'disabled') {
    const { name } = rule;
    problems.push({
      what: l10n.t('The topic rule {name} is disabled: the function hears of nobody.', { name }),
      remedy: l10n.t('Enable the rule: {command}', {
        command: `aws iot enable-topic-rule --rule-name ${name}`,
      }),
      fix: {
        title: l10n.t('Enable the topic rule {name}', { name }),
        run: ({ signal }: Pick<Work, 'signal'>) => enableTopicRule(connection, name, signal),
      },
    });
  }
  if (list === 'missing') {
    problems.push({
      what: l10n.t('The list of the function in stack {name} is gone: it can let nobody in.', {
        name: stack.name,
      }),
      remedy: l10n.t('Remove the function with "ca function remove", and set it up again.'),
    });
  } else if (list?.vehicles === 0 && !list.areMore) {
    problems.push({
      what: l10n.t('The list of the function in stack {name} is empty: it lets nobody in.', {
        name: stack.name,
      }),
      remedy: SET_UP,
    });
  }
  if (lastError !== undefined) {
    problems.push({
      what: l10n.t('The function failed at {date}: {why}', {
        date: lastError.at.toISOString(),
        why: l10n.verbatim(lastError.why),
      }),
      remedy: l10n.t('Correct what it names; the vehicle reconnects automatically.'),
    });
  }
  return problems;
}
