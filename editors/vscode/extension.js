"use strict";

// Starts `alphaforge lsp` and lets it answer for every text of the language.

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

const LANGUAGE = "alphaforge";

/** @type {import("vscode-languageclient/node").LanguageClient | undefined} */
let client;

function makeClient() {
  const settings = vscode.workspace.getConfiguration(LANGUAGE);
  const home = settings.get("home", "");
  const run = {
    command: settings.get("executable", LANGUAGE),
    args: ["lsp", ...(home ? ["--home", home] : [])],
    transport: TransportKind.stdio,
  };
  const documentSelector = [
    { scheme: "file", language: LANGUAGE },
    { scheme: "untitled", language: LANGUAGE },
  ];
  return new LanguageClient(LANGUAGE, "AlphaForge", { run, debug: run }, { documentSelector });
}

async function start() {
  client = makeClient();
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const said = error instanceof Error ? error.message : String(error);
    vscode.window.showErrorMessage(
      `AlphaForge's language server did not start: ${said}. ` +
        "Install it with pip install 'alphaforge[lsp]', or set alphaforge.executable.",
    );
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running !== undefined) {
    await running.stop();
  }
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("alphaforge.restart", restart),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      const names = ["executable", "home"].map((name) => `${LANGUAGE}.${name}`);
      if (names.some((name) => event.affectsConfiguration(name))) {
        await restart();
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
