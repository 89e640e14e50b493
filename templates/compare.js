// A | B: two states of the inputs, two models, two chips, two rows of a table, with differences and ratios.
const showCompare = (subjects, items, machine, now, { make, csvButton, changed }) => {
  const named = (values) => {
    const moved = [...items.values()].filter(({ path, value }) => values.get(path) !== value).map(({ path }) => path);
    if (!moved.length) return "the report’s inputs";
    return moved.length <= 3 ? `${moved.join(", ")} changed` : `${moved.length} inputs changed`;
  };
  let kept = null; // the inputs of A: their values, and a machine that stands at them
  const keep = (values) => {
    kept = values && { values, machine: new Machine(machine.program, PLAIN, false) };
    kept?.machine.follow(machine);
    kept?.machine.set(Object.fromEntries(values));
    show();
    changed();
  };

  // ---- controls -------------------------------------------------------------------------------------------------------

  const select = (label, names) => make(
    "select", { "aria-label": label, onchange: () => (show(), changed()) }, ...names.map((name) => make("option", {}, name)),
  );
  const what = select("What is compared", subjects.map(({ title }) => title));
  const sides = ["A", "B"].map((side) => select(side, []));
  const offer = (first = 0, second = 1) => {
    const names = subjects[what.selectedIndex].items;
    for (const [k, side] of sides.entries()) {
      side.replaceChildren(...names.map((name) => make("option", {}, name)));
      side.selectedIndex = Math.min([first, second][k], names.length - 1);
      side.parentElement.hidden = names.length === 0;
    }
    swap.hidden = names.length === 0;
  };
  const swap = make("button", {
    type: "button", "aria-label": "Swap A and B",
    onclick: () => {
      [sides[0].selectedIndex, sides[1].selectedIndex] = [sides[1].selectedIndex, sides[0].selectedIndex];
      show();
      changed();
    },
  }, "⇄");
  const hold = make("button", { type: "button", onclick: () => keep(new Map(now)) }, "Keep these inputs as A");
  const drop = make("button", { type: "button", onclick: () => keep(null) }, "Forget A");
  const back = make("button", { type: "button", onclick: () => box.dispatchEvent(new CustomEvent("back")) }, "Go back to A");
  const said = make("p", { class: "state" });
  // A narrow page lays the rows out as grids, which would lose what they are.
  const table = make("table", { role: "table" }, make("caption"));
  const region = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "A and B side by side" }, table);
  const csv = csvButton(() => "a-b", () => lines().map(({ cells }) => cells));
  const sided = sides.map((side, k) => make("span", { class: `side side-${"ab"[k]}` }, make("b", { "aria-hidden": "true" }, "AB"[k]), side));
  const box = make(
    "details", { id: "compare", class: "compare", ontoggle: () => show() },
    make("summary", {}, "Compare A | B"),
    make("div", { class: "tools" }, what, sided[0], swap, sided[1], hold, back, drop, csv), said, region,
  );
  what.addEventListener("change", () => (offer(), show(), changed()));

  // ---- the table ------------------------------------------------------------------------------------------------------

  const figure = ({ probes }, item, at) => {
    if (!Array.isArray(probes)) return at.probe(probes)[item];
    const probe = probes[item];
    return probe === null ? null : at.probe(probe);
  };
  /** The lines that are shown: the heading, the inputs that differ, the figures. */
  const lines = () => {
    const subject = subjects[what.selectedIndex];
    const chosen = sides.map((side) => Math.max(0, side.selectedIndex));
    const machines = [kept?.machine ?? machine, machine];
    const names = subject.items.length
      ? chosen.map((item, k) => `${"AB"[k]}: ${subject.items[item]}`)
      : [kept ? "A: kept" : "A", kept ? "B: now" : "B"];
    const made = [{ cells: ["", ...names, "Difference", "B / A"] }];
    const differing = kept ? [...items.values()].filter(({ path }) => kept.values.get(path) !== now.get(path)) : [];
    for (const { path, label, form } of differing) {
      const pair = [kept.values.get(path), now.get(path)];
      made.push({ input: true, code: path, pair, cells: [label || path, ...FUNCTIONS.compare_cells(form, pair)] });
    }
    for (const line of subject.lines) {
      const pair = chosen.map((item, k) => figure(line, item, machines[k]));
      if (pair[0] === null && pair[1] === null) continue;
      made.push({ code: line.code, pair, cells: [line.label || line.code, ...FUNCTIONS.compare_cells(line.form, pair)] });
    }
    return made;
  };
  // A and B as two bars of one scale.
  const bars = (pair) => {
    const sizes = pair.map((value) => (typeof value === "number" && Number.isFinite(value) && Math.abs(value) < 1e299 ? Math.abs(value) : 0));
    const most = Math.max(...sizes);
    if (!most) return [];
    return sizes.map((size, k) => {
      const bar = make("i", { class: `bar side-${"ab"[k]}`, "aria-hidden": "true" });
      bar.style.width = `${(100 * size) / most}%`;
      return bar;
    });
  };
  const show = () => {
    back.hidden = drop.hidden = kept === null;
    const alone = subjects[what.selectedIndex].items.length === 0 && kept === null;
    region.hidden = alone;
    said.textContent = alone
      ? "Keep these inputs as A, then change some: B follows them."
      : kept ? `A stands at ${named(kept.values)}; B at ${named(now)}.` : `Both at ${named(now)}.`;
    if (!box.open || alone) return;
    const [heading, ...rest] = lines();
    const caption = subjects[what.selectedIndex].title;
    table.caption.textContent = caption;
    const cell = (text) => make("td", { role: "cell" }, text);
    const head = make("tr", { role: "row" }, ...heading.cells.map((text, k) =>
      k ? make("th", { role: "columnheader", scope: "col", class: k < 3 ? `side-${"ab"[k - 1]}` : undefined }, text) : cell("")));
    const row = ({ cells: [name, a, b, difference, ratio], code, pair, input }) => make(
      "tr", { role: "row", class: input ? "input-line" : difference === "the same" ? "same" : undefined },
      make("th", { role: "rowheader", scope: "row", class: "t" }, name, ...(name === code ? [] : [make("code", {}, code)]), ...bars(pair)),
      ...[a, b, difference, ratio].map(cell),
    );
    table.tHead?.remove();
    for (const body of [...table.tBodies]) body.remove();
    table.append(make("thead", { role: "rowgroup" }, head), make("tbody", { role: "rowgroup" }, ...rest.map(row)));
  };
  offer();
  show();

  return {
    box,
    place: make("section", { "aria-label": "Compare" }, box),
    show,
    keep: () => {
      box.open = true;
      keep(new Map(now));
    },
    get kept() {
      return kept?.values ?? null;
    },
    /** What the address carries of it, and what takes it from there. */
    get choice() {
      return box.open ? [what.selectedIndex, ...sides.map((side) => side.selectedIndex)] : null;
    },
    take: (values, choice) => {
      keep(values);
      box.open = box.open || values !== null || choice !== null;
      if (choice === null || !subjects[choice[0]]) return;
      what.selectedIndex = choice[0];
      offer(choice[1], choice[2]);
      show();
    },
  };
};
