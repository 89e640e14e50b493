// The client: starts `memdsl lsp`, and runs the command line for reports, closed forms and solutions.
"use strict";

const { execFile } = require("node:child_process");
const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;
let output;

/** The words that start memdsl, as the user set them. */
function command() {
  const words = vscode.workspace.getConfiguration("memdsl").get("command", ["memdsl"]);
  return words.length > 0 ? words : ["memdsl"];
}

function makeClient() {
  const [program, ...first] = command();
  const server = { command: program, args: [...first, "lsp"], transport: TransportKind.stdio };
  return new LanguageClient("memdsl", "memdsl", server, {
    documentSelector: [{ language: "mem", scheme: "file" }],
    outputChannel: output,
  });
}

async function start() {
  client = makeClient();
  try {
    await client.start();
  } catch (error) {
    const chosen = await vscode.window.showErrorMessage(
      `memdsl does not start: ${error.message ?? error}. Install it with: pip install 'memdsl[lsp]'`,
      "Open settings",
    );
    if (chosen !== undefined) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "memdsl.command");
    }
  }
}

async function restart() {
  if (client !== undefined) {
    await client.stop().catch(() => undefined);
  }
  await start();
}

/** The folder in which the command line runs: the workspace's, or the spec's own. */
function folderOf(uri) {
  return vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? path.dirname(uri.fsPath);
}

/** Runs memdsl; resolves with what it printed, whatever its exit code. */
function run(words, folder) {
  const [program, ...first] = command();
  return new Promise((resolve) => {
    execFile(program, [...first, ...words], { cwd: folder, maxBuffer: 64e6 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? 1), stdout, stderr });
    });
  });
}

function show(title, done) {
  output.appendLine(`> ${title}`);
  output.appendLine(done.stdout);
  if (done.stderr !== "") {
    output.appendLine(done.stderr);
  }
  output.show(true);
}

/** The spec to work on: the one named by a lens, or the one in the editor; saved, as the command line reads the file. */
async function spec(uri) {
  const chosen = typeof uri === "string" ? vscode.Uri.parse(uri) : (uri ?? vscode.window.activeTextEditor?.document.uri);
  if (chosen === undefined || chosen.scheme !== "file") {
    await vscode.window.showInformationMessage("memdsl: open a .mem file first");
    return undefined;
  }
  const document = await vscode.workspace.openTextDocument(chosen);
  if (document.isDirty) {
    await document.save();
  }
  return chosen;
}

async function report(uri) {
  const chosen = await spec(uri);
  if (chosen === undefined) {
    return;
  }
  const folder = folderOf(chosen);
  const into = path.resolve(folder, vscode.workspace.getConfiguration("memdsl").get("reportFolder", "reports"));
  const words = ["report", chosen.fsPath, "-o", into];
  const done = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `memdsl report ${path.basename(chosen.fsPath)}` },
    () => run(words, folder),
  );
  if (done.code !== 0) {
    show(`memdsl ${words.join(" ")}`, done);
  }
  const stem = path.join(into, path.basename(chosen.fsPath, ".mem"));
  const files = [".html", ".pdf", ".xlsx"].map((ending) => stem + ending).filter((file) => done.stdout.includes(file));
  if (files.length === 0) {
    return;
  }
  const opened = await vscode.window.showInformationMessage("The report is written.", ...files.map((f) => path.basename(f)));
  const file = files.find((f) => path.basename(f) === opened);
  if (file !== undefined) {
    await vscode.env.openExternal(vscode.Uri.file(file));
  }
}

/** The path of the cell under the cursor, asked of the server. */
async function cellUnderCursor() {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || client === undefined) {
    return undefined;
  }
  const { line, character } = editor.selection.active;
  return client.sendRequest("workspace/executeCommand", {
    command: "memdsl.cell",
    arguments: [editor.document.uri.toString(), line, character],
  });
}

async function explain() {
  const chosen = await spec();
  if (chosen === undefined) {
    return;
  }
  const cell = (await cellUnderCursor()) ?? (await vscode.window.showInputBox({ prompt: "Which cell, or expression?" }));
  if (cell) {
    show(`memdsl explain ${cell}`, await run(["explain", chosen.fsPath, cell], folderOf(chosen)));
  }
}

async function solve() {
  const chosen = await spec();
  if (chosen === undefined) {
    return;
  }
  const cell = await cellUnderCursor();
  const condition = await vscode.window.showInputBox({
    prompt: "Which condition must hold?",
    value: cell ? `${cell} <= ` : "",
    placeHolder: "today.dram_bytes <= 400 MB",
  });
  const input = condition && (await vscode.window.showInputBox({ prompt: "Which input is to be found?", placeHolder: "sram" }));
  if (input) {
    const words = ["solve", chosen.fsPath, condition, "--for", input];
    show(`memdsl solve "${condition}" --for ${input}`, await run(words, folderOf(chosen)));
  }
}

async function activate(context) {
  output = vscode.window.createOutputChannel("memdsl");
  context.subscriptions.push(
    output,
    vscode.commands.registerCommand("memdsl.report", report),
    vscode.commands.registerCommand("memdsl.explain", explain),
    vscode.commands.registerCommand("memdsl.solve", solve),
    vscode.commands.registerCommand("memdsl.restart", restart),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("memdsl.command") && restart()),
  );
  await start();
}

async function deactivate() {
  await client?.stop();
}

module.exports = { activate, deactivate };
