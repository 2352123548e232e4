/* global document, sessionStorage, structuredClone, addEventListener, MutationObserver */
// Stands in for the editor at the border of the page, and there only: the API object, kept state, theme classes.
// Run before the page's own scripts; `testTheme` and `testState` were set by the test.
(() => {
  const sent = [];
  const violations = [];
  const failures = [];
  const KEY = 'kept state';
  if (globalThis.testState && !sessionStorage.getItem(KEY)) {
    sessionStorage.setItem(KEY, JSON.stringify(globalThis.testState));
  }
  globalThis.testHost = {
    sent,
    violations,
    failures,
    tell: (message) => globalThis.postMessage(message, '*'),
    state: () => JSON.parse(sessionStorage.getItem(KEY) ?? 'null'),
    theme,
  };
  globalThis.acquireVsCodeApi = () => {
    delete globalThis.acquireVsCodeApi;
    return {
      postMessage: (message) => sent.push(structuredClone(message)),
      getState: () => JSON.parse(sessionStorage.getItem(KEY) ?? 'null') ?? undefined,
      setState: (state) => sessionStorage.setItem(KEY, JSON.stringify(state)),
    };
  };
  document.addEventListener('securitypolicyviolation', (event) =>
    violations.push(
      `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
    ),
  );
  addEventListener('error', (event) => failures.push(event.message));
  addEventListener('unhandledrejection', (event) => failures.push(String(event.reason)));

  function theme({ kind, colors }) {
    const { style } = document.documentElement;
    for (const name of [...style]) style.removeProperty(name);
    for (const [name, value] of Object.entries(colors)) style.setProperty(`--vscode-${name}`, value);
    document.body.classList.remove(
      'vscode-dark',
      'vscode-light',
      'vscode-high-contrast',
      'vscode-high-contrast-light',
    );
    document.body.classList.add(kind);
    if (kind === 'vscode-high-contrast-light') document.body.classList.add('vscode-high-contrast');
    document.body.dataset.vscodeThemeKind = kind;
  }
  // The editor does the same as soon as there is a body, before the page's scripts.
  const observer = new MutationObserver(() => {
    if (!document.body) return;
    observer.disconnect();
    theme(globalThis.testTheme);
  });
  observer.observe(document, { childList: true, subtree: true });
})();
