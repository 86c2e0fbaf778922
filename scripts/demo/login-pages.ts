const STYLE = `
  :root { color-scheme: light dark; --ink: light-dark(#1f2328, #e6edf3); --soft: light-dark(#59636e, #9198a1); --line: light-dark(#d1d9e0, #3d444d); }
  * { box-sizing: border-box; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; color: var(--ink);
         background: light-dark(#f6f8fa, #0d1117); font: 1rem/1.5 system-ui, sans-serif; }
  main { width: 100%; max-width: 24rem; padding: 2rem; background: light-dark(#fff, #151b23); border: 1px solid var(--line); border-radius: .75rem; }
  h1 { margin: 0 0 .75rem; font-size: 1.4rem; }
  .demo { margin: 0 0 1.25rem; padding: .5rem .75rem; border-radius: .4rem; font-size: .875rem; color: light-dark(#7a4b00, #ffd591); background: light-dark(#fff4d6, #3a2a05); }
  .problem { color: light-dark(#b3261e, #ff8f87); }
  label { display: block; margin-top: .75rem; font-weight: 600; }
  input[type=text], input[type=password] { width: 100%; padding: .55rem .7rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--soft); border-radius: .4rem; }
  button { width: 100%; margin-top: 1.25rem; padding: .6rem; font: inherit; font-weight: 600; color: #fff; background: #0f62c4; border: 0; border-radius: .4rem; cursor: pointer; }
  :is(input, button):focus-visible { outline: 3px solid #4c9aff; outline-offset: 2px; }
  output { display: block; margin: 1rem 0; font: 700 1.75rem/1 ui-monospace, monospace; letter-spacing: .1em; text-align: center; }
`;

/** @param content HTML */
const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - Example Company (demo)</title>
<style>${STYLE}</style>
<main>
<p class="demo">This is the demo's own identity provider. In earnest, your company's login page stands here.</p>
<h1>${title}</h1>
${content}
</main>
</html>
`;

/** Asks for the code that the terminal shows. @param form the provider's own form, HTML */
export const enterCode = (form: string, wrong: boolean): string =>
  page(
    "Log in a device",
    `${wrong ? `<p class="problem" role="alert">That code is not right, or not valid any more. Try again.</p>` : ""}
<p>Enter the code that your terminal shows.</p>
${form.replace('type="text"', 'type="text" aria-label="Code"')}
<button form="op.deviceInputForm">Continue</button>`,
  );

/** Asks whether the code is the person's own. @param form the provider's own form, HTML */
export const confirmCode = (form: string, code: string): string =>
  page(
    "Is this your code?",
    `<p>Continue only if your own terminal shows this code:</p>
<output>${Bun.escapeHTML(code)}</output>
${form}
<button form="op.deviceConfirmForm">Yes, continue</button>`,
  );

export const login = (client: string, problem?: string): string =>
  page(
    "Log in",
    `<p>to continue to <strong>${Bun.escapeHTML(client)}</strong></p>
${problem ? `<p class="problem" role="alert">${Bun.escapeHTML(problem)}</p>` : ""}
<form method="post">
<label for="name">Name</label>
<input id="name" name="name" type="text" value="ada" autocomplete="username" autocapitalize="none" required>
<label for="password">Password (it stands in the terminal)</label>
<input id="password" name="password" type="password" autocomplete="off" required autofocus>
<button>Log in</button>
</form>`,
  );

export const done = (): string =>
  page("You are logged in", "<p>Close this page and go back to your terminal: it goes on by itself.</p>");

export const failure = (reason: string): string =>
  page("That did not work", `<p class="problem" role="alert">${Bun.escapeHTML(reason)}</p>`);
