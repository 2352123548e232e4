import { inHtml } from '../../core/foreignText.ts';
import { english } from '../../core/wording.ts';
import type { SimulationResult, VehicleState } from '../../protocol/simulation.ts';

/**
 * A simulation as a report of tests in JUnit's format, which CI systems show: a vehicle is a test. It fails when the
 * vehicle failed, never connected, or lost messages.
 *
 * @param durationMs how long the run took, in milliseconds
 */
export function asJunit({
  simulationId,
  result,
  durationMs,
}: {
  simulationId: string;
  result: SimulationResult;
  durationMs: number;
}): string {
  const { vehicles } = result;
  const seconds = (durationMs / 1000).toFixed(3);
  const cases = vehicles.map((state) => {
    const failure = failureOf(state);
    const open = `    <testcase classname="cms-enablement.simulate" name="${inHtml(state.vin)}" time="${seconds}"`;
    const out = `${state.acknowledged} acknowledged, ${state.lost} lost, ${state.resent} sent again, ${Math.round(state.metres)} m`;
    return [
      `${open}>`,
      ...(failure === undefined
        ? []
        : [`      <failure type="${failure.type}" message="${inHtml(failure.message)}"/>`]),
      `      <system-out>${inHtml(out)}</system-out>`,
      '    </testcase>',
    ];
  });
  const failures = vehicles.filter((state) => failureOf(state) !== undefined).length;
  const counts = `tests="${vehicles.length}" failures="${failures}" errors="0" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${inHtml(simulationId)}" ${counts}>`,
    ...cases.flat(),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function failureOf({
  phase,
  connects,
  lost,
  problem,
}: VehicleState): { type: string; message: string } | undefined {
  if (phase === 'failed') {
    const message = problem === undefined ? 'The vehicle failed.' : english(problem.sentence);
    return { type: problem?.code ?? 'FAILED', message };
  }
  if (connects === 0) return { type: 'NEVER_CONNECTED', message: 'The vehicle never connected.' };
  if (lost > 0)
    return {
      type: 'MESSAGES_LOST',
      message: lost === 1 ? '1 message was lost.' : `${lost} messages were lost.`,
    };
  return undefined;
}
