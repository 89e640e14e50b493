// The grammar against the scopes that grammar.mem expects, by the tokenizer of VS Code itself.
// `node grammar.mjs FILE…` also tokenizes whole files: every character must end with a scope, and no string may run away.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { Registry, INITIAL, parseRawGrammar } = require("vscode-textmate");
const oniguruma = require("vscode-oniguruma");

const here = dirname(fileURLToPath(import.meta.url));
const wasm = readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));

const registry = new Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async (scope) => {
    const path = join(here, "..", "syntaxes", `${scope === "source.mem" ? "mem" : "markdown"}.tmLanguage.json`);
    return parseRawGrammar(readFileSync(path, "utf8"), path);
  },
});
const grammar = await registry.loadGrammar("source.mem");

function* tokenized(text) {
  let stack = INITIAL;
  for (const [number, line] of text.split("\n").entries()) {
    const found = grammar.tokenizeLine(line, stack);
    stack = found.ruleStack;
    yield { number: number + 1, line, tokens: found.tokens, open: stack.depth > 1 };
  }
}

const ACCESS = ["punctuation.accessor.mem", "variable.other.property.mem"];
let failures = 0;
let checked = 0;
let last;
for (const { number, line, tokens } of tokenized(readFileSync(join(here, "grammar.mem"), "utf8"))) {
  const expected = /^# *(<-|\^+) (\S+)$/.exec(line);
  if (expected === null) {
    last = tokens;
    continue;
  }
  const start = expected[1] === "<-" ? 0 : line.indexOf("^");
  const end = expected[1] === "<-" ? 1 : start + expected[1].length;
  const wanted = expected[2] === "meta.none" ? ACCESS : [expected[2]];
  for (let column = start; column < end; column += 1) {
    checked += 1;
    const token = last.find((t) => t.startIndex <= column && column < t.endIndex);
    if (!wanted.some((scope) => token?.scopes.includes(scope))) {
      console.error(`grammar.mem:${number}: column ${column + 1} has ${token?.scopes.join(" ")}, not ${wanted.join(" or ")}`);
      failures += 1;
      break;
    }
  }
}

for (const path of process.argv.slice(2)) {
  let open = false;
  for (const { number, line, tokens, open: still } of tokenized(readFileSync(path, "utf8"))) {
    open = still;
    for (const token of tokens) {
      const text = line.slice(token.startIndex, token.endIndex);
      if (token.scopes.length === 1 && text.trim() !== "") {
        console.error(`${path}:${number}: nothing is known of \`${text.trim()}\``);
        failures += 1;
      }
    }
  }
  if (open) {
    console.error(`${path}: a string is open at the end`);
    failures += 1;
  }
}
console.log(`${checked} characters checked, ${process.argv.length - 2} files, ${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
