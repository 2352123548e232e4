/** How often a run says, in a log, that it is still at work. */
const STILL_MS = 60_000;

export interface Shown {
  print: (text: string) => void;
  end: (output: string) => void;
}

/** What runs side by side is printed one after another: each process whole, when it has ended. */
export interface Display {
  begin: (what: string) => Shown;
  line: (text: string) => void;
  close: () => void;
}

export function createDisplay(out: NodeJS.WriteStream = process.stdout): Display {
  const running = new Map<string, { since: number; passed: number }>();
  const timer = setInterval(showProgress, out.isTTY ? 1000 : STILL_MS);
  timer.unref();

  function progress(): string {
    const parts = [...running].map(([what, { since, passed }]) => {
      const seconds = Math.round((performance.now() - since) / 1000);
      return `${what} ${seconds} s${passed > 0 ? `, ${passed} passed` : ''}`;
    });
    return `… ${parts.join('; ')}`;
  }
  function showProgress(): void {
    if (running.size === 0) return;
    if (out.isTTY) out.write(`\r\x1b[2K${progress().slice(0, out.columns - 1)}`);
    else out.write(`${progress()}\n`);
  }
  function write(text: string): void {
    if (out.isTTY) out.write('\r\x1b[2K');
    out.write(text.endsWith('\n') || text === '' ? text : `${text}\n`);
  }

  return {
    begin(what) {
      const state = { since: performance.now(), passed: 0 };
      running.set(what, state);
      return {
        print: (text) => {
          state.passed += text.split('✔').length - 1;
        },
        end(output) {
          running.delete(what);
          write(`\n=== ${what} (${((performance.now() - state.since) / 1000).toFixed(1)} s)\n`);
          write(output);
        },
      };
    },
    line: (text) => write(text),
    close: () => clearInterval(timer),
  };
}
