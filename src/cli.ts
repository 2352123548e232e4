#!/usr/bin/env node
import { createOverview, isOverview, parse } from './cli/overview.ts';
import { reportUncaught } from './cli/uncaught.ts';

// The AWS SDK's notice to its developers about Node versions is nothing a user of this program can act on.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// A reader that went away (`| head`) is no reason to stop half-way through work in the cloud.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

reportUncaught();
void run(process.argv.slice(2)).finally(endSoon);

/** The commands are in a bundle of their own, of megabytes, which nobody waits for who only asks what there is. */
async function run(argv: readonly string[]): Promise<void> {
  if (isOverview(argv)) await parse(createOverview(), argv);
  else await (await import('./cli/main.ts')).main(argv);
}

/** A program that hangs, such as that of a profile, keeps nobody waiting. Whoever reads what was written gets all of it. */
function endSoon(): void {
  const end = (): void => {
    if (process.stdout.writableLength === 0) process.exit();
    else endSoon();
  };
  setTimeout(end, 3000).unref();
}
