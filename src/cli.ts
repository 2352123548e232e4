#!/usr/bin/env node
import { main } from './cli/main.ts';

// The AWS SDK's notice to its developers about Node versions is nothing a user of this program can act on.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// A reader that went away (`| head`) is no reason to stop half-way through work in the cloud.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

void main(process.argv.slice(2));
