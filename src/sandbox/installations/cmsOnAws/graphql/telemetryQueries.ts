import type { Bucket } from '../../../services/s3/buckets.ts';
import { type Field, UnreadableDocument } from './document.ts';
import type { Resolver } from './graphql.ts';
import { columnOf, QueryFailed, type Row, rowsOf } from './telemetry.ts';

/** A page asks for so many rows, and reads so many lines, of which the first is no row. */
const PAGE = 100;

/** The two queries of the module `cms-api`: rows of telemetry, with the faults of the one function behind them. */
export function telemetryResolvers(bucket: () => Bucket): Readonly<Record<string, Resolver>> {
  /** What is asked of each row. */
  function asked(fields: readonly Field[]): (row: Row) => unknown {
    const columns = columnsOf(fields);
    if (columns.length === 0) throw new QueryFailed('Query execution failed with status FAILED');
    return (row) => {
      checkFilled(row, columns);
      return shapeOf(fields, row, '');
    };
  }

  return {
    'query getVehicle'({ arguments: { vin }, fields }) {
      if (typeof vin !== 'string') {
        throw new UnreadableDocument("Variable 'vin' has coerced Null value for NonNull type");
      }
      const shown = asked(fields);
      if (!/^[A-Za-z0-9]+$/.test(vin)) throw new QueryFailed('Invalid VIN');
      // Without an order any row is as good as another: it is not the newest.
      const row = rowsOf(bucket()).find((each) => vinOf(each) === vin);
      if (row === undefined) throw new QueryFailed('list index out of range');
      return shown(row);
    },
    'query listVehicles'({ arguments: { page = 0 }, fields }) {
      const shown = asked(fields);
      if (typeof page !== 'number') throw new QueryFailed('unsupported operand type(s)');
      return rowsOf(bucket())
        .sort(byVin)
        .slice(page * PAGE, (page + 1) * PAGE)
        .slice(0, PAGE - 1)
        .map(shown);
    },
  };
}

function vinOf(row: Row): string | undefined {
  const vin = columnOf(row, 'vehicleidentification.vin');
  return typeof vin === 'string' ? vin : undefined;
}

/** Rows without a VIN are last. */
function byVin(one: Row, other: Row): number {
  const [a, b] = [vinOf(one), vinOf(other)];
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What ends in `value` is a column; anything else is not asked for. */
function columnsOf(fields: readonly Field[], above = ''): string[] {
  return fields.flatMap((field) =>
    field.name === 'value' && above !== ''
      ? [above]
      : columnsOf(field.fields, `${above === '' ? '' : `${above}.`}${field.name.toLowerCase()}`),
  );
}

function checkFilled(row: Row, columns: readonly string[]): void {
  if (columns.some((column) => columnOf(row, column) === undefined)) throw new QueryFailed("'VarCharValue'");
}

function shapeOf(fields: readonly Field[], row: Row, above: string): object {
  return Object.fromEntries(
    fields.map((field) => [
      field.alias,
      field.name === 'value'
        ? columnOf(row, above)
        : field.fields.length === 0
          ? null
          : shapeOf(field.fields, row, `${above === '' ? '' : `${above}.`}${field.name.toLowerCase()}`),
    ]),
  );
}
