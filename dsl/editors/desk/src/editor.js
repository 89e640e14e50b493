// The editor of `memdsl serve`: CodeMirror, with what the server says of a text behind its colours, completions and hovers.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, snippetCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, foldService, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration, EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, hoverTooltip,
  keymap, lineNumbers,
} from "@codemirror/view";

// ---- colours: spans from the server, kept in place while more is typed ------------------------------------------------

const coloured = StateEffect.define();
const colours = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    let found = marks.map(transaction.changes);
    for (const effect of transaction.effects) if (effect.is(coloured)) found = effect.value;
    return found;
  },
  provide: (field) => EditorView.decorations.from(field),
});
const classes = new Map();
const mark = (kind) => {
  if (!classes.has(kind)) classes.set(kind, Decoration.mark({ class: `mem-${kind}` }));
  return classes.get(kind);
};
// Five numbers a token, as the language server protocol has them.
const spans = (doc, { tokens, kinds }) => {
  const found = [];
  let [line, column] = [0, 0];
  for (let k = 0; k + 4 < tokens.length; k += 5) {
    column = tokens[k] ? tokens[k + 1] : column + tokens[k + 1];
    line += tokens[k];
    if (line >= doc.lines) break;
    const from = doc.line(line + 1).from + column;
    const to = Math.min(from + tokens[k + 2], doc.line(line + 1).to);
    if (from < to) found.push(mark(kinds[tokens[k + 3]]).range(from, to));
  }
  return Decoration.set(found, true);
};

// A block is folded from its brace to the line that closes it.
const folds = foldService.of((state, start, end) => {
  const line = state.doc.lineAt(start);
  if (!/\{\s*(#.*)?$/.test(line.text)) return null;
  let depth = 0;
  for (let number = line.number; number <= state.doc.lines; number++) {
    for (const sign of state.doc.line(number).text.replace(/"[^"]*"|#.*/g, "")) {
      depth += sign === "{" ? 1 : sign === "}" ? -1 : 0;
      if (depth === 0 && sign === "}") return number > line.number ? { from: end, to: state.doc.line(number).from } : null;
    }
  }
  return null;
});

const place = (doc, position) => {
  const line = doc.lineAt(position);
  return [line.number - 1, position - line.from];
};
const at = (doc, [line, column]) => {
  const found = doc.line(Math.min(line + 1, doc.lines));
  return Math.min(found.from + column, found.to);
};

/**
 * Makes an editor inside an element. `ask(kind, text, line, column)` gives what the server says (`colours`, `complete`,
 * `hover`), `changed(text)` is told of what is typed, `save()` of Ctrl-S, `jump(line)` of Alt-Enter.
 */
export const edit = (parent, { text, label, nonce, ask, changed, save, jump }) => {
  let marks = new Map(); // names of the spec, and where they are declared
  let painting = 0;
  const paint = async (view) => {
    const { doc } = view.state;
    const found = await ask("colours", doc.toString(), 0, 0);
    if (found && view.state.doc.eq(doc)) view.dispatch({ effects: coloured.of(spans(doc, found)) });
  };
  const complete = async (context) => {
    const word = context.matchBefore(/[\p{L}\d_%]*/u);
    const before = context.state.sliceDoc(Math.max(0, word.from - 1), word.from);
    if (!context.explicit && word.from === word.to && !/[."(]/.test(before)) return null;
    const found = await ask("complete", context.state.doc.toString(), ...place(context.state.doc, context.pos));
    if (!found || context.aborted) return null;
    const options = found.items.map(({ label, kind, detail, insert, snippet, info, rank }) => {
      const option = { label, type: kind, detail, info: info || undefined, boost: -rank };
      return snippet ? snippetCompletion(insert, option) : { ...option, apply: insert };
    });
    return { from: word.from, options, validFor: /^[\p{L}\d_%]*$/u };
  };
  const hovered = hoverTooltip(async (view, position) => {
    const found = await ask("hover", view.state.doc.toString(), ...place(view.state.doc, position));
    if (!found) return null;
    const dom = document.createElement("div");
    dom.className = "mem-hover";
    dom.innerHTML = found.html; // made by the server from what it knows; markup in a spec stays text
    return { pos: at(view.state.doc, found.from), end: at(view.state.doc, found.to), above: true, create: () => ({ dom }) };
  }, { hoverTime: 250 });
  const keys = [
    { key: "Mod-s", preventDefault: true, run: () => (save(), true) },
    { key: "Alt-Enter", preventDefault: true, run: (view) => (jump(view.state.doc.lineAt(view.state.selection.main.head).number), true) },
  ];
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), highlightActiveLineGutter(), lintGutter(), foldGutter(), folds, history(), drawSelection(),
        highlightSpecialChars(), bracketMatching(), closeBrackets(), highlightActiveLine(), highlightSelectionMatches(),
        indentUnit.of("  "), EditorState.tabSize.of(2), colours, hovered,
        autocompletion({ override: [complete], activateOnTypingDelay: 120 }),
        EditorView.contentAttributes.of({ "aria-label": label, autocapitalize: "off", autocorrect: "off", spellcheck: "false" }),
        EditorView.cspNonce.of(nonce),
        keymap.of([...keys, ...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...searchKeymap, ...foldKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          marks = new Map([...marks].map(([name, position]) => [name, update.changes.mapPos(position)]));
          clearTimeout(painting);
          painting = setTimeout(() => paint(view), 60);
          if (!update.transactions.some((one) => one.isUserEvent("told"))) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
  paint(view);
  const go = (position) => {
    view.focus();
    view.dispatch({ selection: { anchor: position }, effects: EditorView.scrollIntoView(position, { y: "center" }) });
  };
  return {
    view,
    get text() {
      return view.state.doc.toString();
    },
    /** Another text, that nobody typed here. */
    take: (wanted) => {
      if (wanted === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: wanted }, userEvent: "told" });
    },
    /** What is wrong with the text, as `memdsl check --format json` says it. */
    problems: (found) => {
      const { doc } = view.state;
      const told = found.filter(({ here }) => here).map((one) => {
        const from = at(doc, [one.line - 1, one.column - 1]);
        const to = Math.max(from, at(doc, [one.end_line - 1, one.end_column - 1]));
        return { from, to, severity: one.severity === "warning" ? "warning" : "error", message: one.hint ? `${one.message}\n${one.hint}` : one.message };
      });
      view.dispatch(setDiagnostics(view.state, told));
    },
    /** Where names are declared: lines of the text as it is now. */
    places: (lines) => {
      marks = new Map(Object.entries(lines).map(([name, line]) => [name, at(view.state.doc, [line - 1, 0])]));
    },
    knows: (name) => marks.has(name),
    lineOf: (name) => view.state.doc.lineAt(marks.get(name)).number,
    goTo: (name) => go(marks.get(name)),
    go: (line, column) => go(at(view.state.doc, [line - 1, column - 1])),
    /** The names that a line declares. */
    declared: (line) => [...marks].filter(([, position]) => view.state.doc.lineAt(position).number === line).map(([name]) => name),
    get line() {
      return view.state.doc.lineAt(view.state.selection.main.head).number;
    },
  };
};
