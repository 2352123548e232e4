import { oneLine } from '../core/foreignText.ts';
import { redact } from '../core/secrets.ts';

/** Formats milliseconds as seconds: "0.31 s", "12.4 s". */
export function seconds(ms: number): string {
  const s = ms / 1000;
  return `${s < 10 ? s.toFixed(2) : s.toFixed(1)} s`;
}

/** "1 message", "2 messages"; `many` is for irregular plurals. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Formats cells in columns of fixed width, so that rows can be written before all of them are known. */
export function columns(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((text, i) => {
      const cell = oneLine(redact(text));
      const width = widths[i] ?? 0;
      if (i === cells.length - 1) return cell;
      return (cell.length > width ? `${cell.slice(0, width - 1)}…` : cell).padEnd(width + 2);
    })
    .join('')
    .trimEnd();
}
