import { troubleCodeSchema, type SimulationRequest } from '../../protocol/simulation.ts';

type ScriptedEvent = NonNullable<SimulationRequest['events']>[number];

/** `3:p0217`, a trouble code at a kilometre of each trip; undefined for anything else. */
export function readScriptedDtc(text: string): ScriptedEvent | undefined {
  const [km = '', code = '', ...more] = text.split(':').map((part) => part.trim());
  const at = Number(km) * 1000;
  if (km === '' || !(at >= 0 && Number.isFinite(at)) || more.length > 0) return undefined;
  const read = readTroubleCode(code);
  return read === undefined ? undefined : { at, kind: 'dtc', code: read };
}

/** `p1734` → `P1734`; undefined for what is no trouble code. */
export function readTroubleCode(text: string): string | undefined {
  const code = troubleCodeSchema.safeParse(text.trim().toUpperCase());
  return code.success ? code.data : undefined;
}
