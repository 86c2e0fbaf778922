import highlighter from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import yaml from "highlight.js/lib/languages/yaml";

highlighter.registerLanguage("yaml", yaml);
highlighter.registerLanguage("bash", bash);

/** Characters beyond which a text stays black: colouring it would hold up every other request. */
const MAX_HIGHLIGHTED = 64 * 1024;

const highlighted = (text: string, language: "yaml" | "bash"): string =>
  text.length > MAX_HIGHLIGHTED ? Bun.escapeHTML(text) : highlighter.highlight(text, { language }).value;

/** Numbered lines of code. */
export const Code = ({ text, language }: { text: string; language: "yaml" | "bash" }) => {
  const lines = text.replace(/\n$/, "").split("\n").length;
  return (
    <pre class={`p-code-snippet__block--numbered language-${language}`} tabIndex={0}>
      <span class="line-numbers" aria-hidden="true">
        {Array.from({ length: lines }, (_, index) => `${index + 1}\n`).join("")}
      </span>
      <code
        class={`language-${language} pygments`}
        // The library escapes what it does not colour itself.
        dangerouslySetInnerHTML={{ __html: highlighted(text, language) }}
      />
    </pre>
  );
};
