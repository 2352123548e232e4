/**
 * The protocol, in a bundle of its own (dist/mcp.js) that only `mcp` loads: what the SDK brings would make every other
 * command slower. It knows nothing of this product but what it is given.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** As `tools/list` tells it. */
export interface ServedTool {
  name: string;
  title: string;
  description: string;
  inputSchema: object;
  annotations: {
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
}

export interface Serving {
  version: string;
  instructions: string;
  tools: readonly ServedTool[];
  /** @param say tells the client how far it is */
  call(
    name: string,
    input: unknown,
    about: { signal: AbortSignal; say: (message: string) => void },
  ): Promise<{ text: string; failed: boolean }>;
}

export interface Served {
  /** Asks the person behind the client; `unasked` when the client cannot. */
  ask(message: string, signal: AbortSignal): Promise<'agreed' | 'declined' | 'unasked'>;
  /** The client has gone. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** A person may have to look into something first. */
const ANSWER_WITHIN_MS = 10 * 60_000;

/** Serves tools on standard input and output until the client goes. */
export async function serve({ version, instructions, tools, ...serving }: Serving): Promise<Served> {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor wants zod schemas of its own making
  const server = new Server(
    { name: 'cms-enablement', title: 'CMS Enablement', version },
    { capabilities: { tools: {} }, instructions },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools.map(({ inputSchema, ...tool }) => ({
      ...tool,
      inputSchema: { ...inputSchema, type: 'object' as const },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendNotification, _meta }) => {
    const progressToken = _meta?.progressToken;
    let progress = 0;
    const say = (message: string): void => {
      if (progressToken === undefined) return;
      progress += 1;
      const method = 'notifications/progress';
      // A client that has gone is noticed elsewhere.
      sendNotification({ method, params: { progressToken, progress, message } }).catch(() => undefined);
    };
    const { text, failed } = await serving.call(params.name, params.arguments, { signal, say });
    return { content: [{ type: 'text', text }], isError: failed };
  });
  const closed = new Promise<void>((resolve) => (server.onclose = resolve));
  const gone = (): void => void server.close();
  // The transport does not look for the end of its input.
  process.stdin.once('end', gone).once('close', gone);
  process.stdout.once('error', gone);
  await server.connect(new StdioServerTransport());
  return {
    closed,
    close: () => server.close(),
    async ask(message, signal) {
      if (server.getClientCapabilities()?.elicitation === undefined) return 'unasked';
      const answer = await server.elicitInput(
        {
          message,
          requestedSchema: {
            type: 'object',
            properties: { agree: { type: 'boolean', title: 'Yes, remove all of this', default: false } },
            required: ['agree'],
          },
        },
        { signal, timeout: ANSWER_WITHIN_MS },
      );
      return answer.action === 'accept' && answer.content?.agree === true ? 'agreed' : 'declined';
    },
  };
}
