"use strict";

// Colours a text with VS Code's own engine: node tokenize.js < text > scopes of each piece, in JSON.
// Needs `vscode-textmate` and `vscode-oniguruma` where node finds modules (NODE_PATH).

const fs = require("fs");
const path = require("path");
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

const GRAMMAR = path.join(__dirname, "..", "syntaxes", "alphaforge.tmLanguage.json");

async function main() {
  const wasm = path.join(path.dirname(require.resolve("vscode-oniguruma")), "onig.wasm");
  await oniguruma.loadWASM(fs.readFileSync(wasm).buffer);
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => parseRawGrammar(fs.readFileSync(GRAMMAR, "utf8"), GRAMMAR),
  });
  const grammar = await registry.loadGrammar("source.alphaforge");
  const found = [];
  let state = INITIAL;
  for (const line of fs.readFileSync(0, "utf8").split("\n")) {
    const result = grammar.tokenizeLine(line, state);
    for (const token of result.tokens) {
      const text = line.slice(token.startIndex, token.endIndex);
      if (text.trim()) {
        found.push([text.trim(), token.scopes[token.scopes.length - 1]]);
      }
    }
    state = result.ruleStack;
  }
  process.stdout.write(JSON.stringify(found));
}

main();
