// The page: inputs that a person moves, and everything that follows them shown again.
const start = () => {
  const revive = (key, value) =>
    value !== null && typeof value === "object" && "up" in value
      ? new Measure(value.text, value.scale, value.up, value.down)
      : value;
  const data = JSON.parse(document.getElementById("data").textContent, revive);
  const machine = new Machine(data.program);
  const items = new Map(data.inputs.items.map((item) => [item.path, item]));
  const values = new Map(data.inputs.items.map((item) => [item.path, item.value]));

  // ---- views: what each place of the page shows --------------------------------------------------------------------

  const [asks, shows] = data.views;
  const views = shows.map(([name, ask, probes, over]) => ({
    show: FUNCTIONS[name],
    ask: asks[ask],
    probes,
    over,
    slots: [...new Set(probes.flatMap((probe) => [...machine.readsOf(probe)]))],
    leads: over ? new Set([...items.keys()].filter((path) => path !== over && machine.follows(probes, path))) : null,
    curve: null,
  }));

  const shown = (view) => {
    if (!view.over) return view.show(view.ask, view.probes.map((probe) => machine.probe(probe)));
    view.curve ??= machine.along(view.probes, view.over, (at) => traced(view.ask, at));
    const here = view.probes.map((probe) => machine.probe(probe));
    const [places, points] = view.curve;
    const lines = view.probes.map((_, k) => points.map((point) => point[k]));
    return view.show(view.ask, new Curves(machine.input(view.over), here, places, lines));
  };

  // A curve, with more points where it bends or steps.
  const traced = ({ low, high, log, multiple }, at) => {
    const found = new Map();
    const exact = (x) => (multiple ? Math.round(x / multiple) * multiple : x);
    const evaluate = (x) => {
      const place = exact(x);
      if (!found.has(place)) found.set(place, at(place));
      return found.get(place);
    };
    const between = (a, b) => (log ? Math.sqrt(a * b) : (a + b) / 2);
    const even = (a, m, b) => {
      const share = log ? Math.log(m / a) / Math.log(b / a) : (m - a) / (b - a);
      return evaluate(m).every((value, k) => {
        const [from, to] = [evaluate(a)[k], evaluate(b)[k]];
        return Math.abs(value - (from + share * (to - from))) <= 0.004 * top[k] || Number.isNaN(value);
      });
    };
    const refine = (a, b, depth) => {
      const m = exact(between(a, b));
      if (depth === 0 || m <= a || m >= b || even(a, m, b)) return;
      refine(a, m, depth - 1);
      refine(m, b, depth - 1);
    };
    const ends = [];
    const count = 24;
    for (let k = 0; k <= count; k++) {
      ends.push(exact(log ? low * (high / low) ** (k / count) : low + ((high - low) * k) / count));
    }
    const all = ends.map(evaluate);
    const top = all[0].map((_, k) => Math.max(...all.map((point) => Math.abs(point[k]) || 0)));
    for (let k = 0; k < count; k++) if (ends[k] < ends[k + 1]) refine(ends[k], ends[k + 1], 7);
    const places = [...found.keys()].filter((x) => x >= low && x <= high).sort((a, b) => a - b);
    return [places, places.map((x) => found.get(x))];
  };

  // ---- places: elements and what writes them -----------------------------------------------------------------------

  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  const tables = new Map();
  const writers = {
    text: (element, text) => write(element, text),
    key: (element, [number, unit, was]) => {
      if (was !== undefined) write(element.nextElementSibling, was);
      element.replaceChildren(number);
      if (unit) {
        const small = document.createElement("small");
        small.textContent = unit;
        element.append(" ", small);
      }
    },
    cells: (element, texts) => {
      const first = Number(element.dataset.start);
      texts.forEach((text, k) => write(element.cells[first + k], text));
      if (element.dataset.tone !== undefined) {
        element.className = texts[texts.length - 1] === element.dataset.verdict ? element.dataset.tone : "moved";
      }
    },
    column: (element, { unit, texts }) => {
      const table = element.closest("table");
      const small = element.querySelector("small");
      if (small && small.textContent !== unit) small.textContent = unit;
      if (!tables.has(table)) {
        tables.set(table, [...table.tBodies[0].rows].filter((row) => !row.classList.contains("group")));
      }
      const rows = tables.get(table);
      texts.forEach((text, k) => {
        const cell = rows[k].cells[element.cellIndex];
        const cut = text.length > 34 ? `${text.slice(0, 17)}…${text.slice(-16)}` : text;
        write(cell, cut);
      });
    },
    figure: (element, { svg, caption }) => {
      const drawing = element.querySelector("svg");
      const made = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
      drawing.replaceWith(document.importNode(made, true));
      write(element.querySelector("figcaption span"), caption);
    },
  };
  const places = [...document.querySelectorAll("[data-view]")].map((element) => ({
    element,
    view: views[Number(element.dataset.view)],
    write: writers[element.dataset.as ?? "text"],
  }));

  // What is on the screen is written at once, the rest as soon as the browser has time.
  const late = new Set();
  const watched = new Map();
  for (const place of places) {
    const seen = place.element.closest("table") ?? place.element;
    watched.set(seen, [...(watched.get(seen) ?? []), place]);
  }
  const settle = (until = Infinity) => {
    for (const place of late) {
      if (performance.now() > until) break;
      late.delete(place);
      place.write(place.element, shown(place.view));
    }
    if (late.size) soon(() => settle(performance.now() + 6));
  };
  const soon = window.requestIdleCallback ?? ((then) => setTimeout(then, 30));
  const watcher = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      for (const place of watched.get(target)) {
        place.hidden = !isIntersecting;
        if (isIntersecting && late.delete(place)) place.write(place.element, shown(place.view));
      }
    }
  }, { rootMargin: "100px" });
  for (const target of watched.keys()) watcher.observe(target);
  window.addEventListener("beforeprint", () => {
    settle();
    analyses.settle(performance.now() + 2000);
  });

  const refresh = (changed, dirty) => {
    for (const place of places) {
      const { view } = place;
      const leads = view.over && changed.some((path) => view.leads.has(path));
      if (leads) view.curve = null;
      const follows = view.over ? leads || changed.includes(view.over) : view.slots.some((slot) => dirty.has(slot));
      if (follows && place.hidden) late.add(place);
      else if (follows) place.write(place.element, shown(view));
    }
    if (late.size) soon(() => settle(performance.now() + 6));
  };

  // ---- the state: values, what the spec requires, the address -------------------------------------------------------

  const alert = document.getElementById("alert");
  const required = () => {
    const failing = data.checks.filter(({ probe }) => [machine.probe(probe)].flat().some((holds) => holds === false));
    alert.hidden = failing.length === 0;
    write(alert, failing.map(({ message }) => message).slice(0, 4).join("; "));
  };
  const fixed = [...document.querySelectorAll("[data-fixed]")].map((element) => ({
    element, paths: new Set(JSON.parse(element.dataset.fixed)),
  }));
  const moved = (from = values) => [...from].filter(([path, value]) => value !== items.get(path).value).map(([path]) => path);

  const remember = () => {
    const part = (path, from, mark = "") => `${mark}${encodeURIComponent(path)}=${encodeURIComponent(from.get(path))}`;
    const parts = moved().map((path) => part(path, values));
    const { kept, choice } = compare;
    if (kept) parts.push("A~=", ...moved(kept).map((path) => part(path, kept, "A~")));
    if (choice) parts.push(`~=${choice.join(",")}`);
    history.replaceState(null, "", parts.length ? `#${parts.join("&")}` : location.pathname + location.search);
  };
  let later = 0;
  const durations = [];

  /** Sets inputs, by path and in base units, and shows what follows them. */
  const set = (given) => {
    const from = performance.now();
    const changed = Object.keys(given).filter((path) => items.has(path) && values.get(path) !== given[path]);
    for (const path of changed) values.set(path, given[path]);
    const dirty = machine.set(Object.fromEntries(changed.map((path) => [path, given[path]])));
    refresh(changed, dirty);
    analyses.changed(changed);
    required();
    const now = moved();
    document.body.classList.toggle("adjusted", now.length > 0);
    for (const { element, paths } of fixed) {
      element.classList.toggle("stale", now.some((path) => paths.has(path)));
    }
    for (const path of changed) fields.get(path)?.show();
    state.show(now);
    compare.show();
    durations.push(performance.now() - from);
    clearTimeout(later);
    later = setTimeout(remember, 200);
  };

  // ---- the panel ---------------------------------------------------------------------------------------------------

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value === true) element.setAttribute(key, "");
      else if (value !== false && value !== undefined) element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };
  const fields = new Map();
  const panel = document.getElementById("panel");

  const unitOf = ({ form, declared }) => {
    const { units } = form;
    if (!units.length) return new Measure("", 1, 1, 1);
    return units.filter((unit) => Math.abs(unit.from_base(declared)) >= 1).pop() ?? units[0];
  };
  // A decimal in a unit as a value in base units, without the rounding of a product of fractions.
  const toBase = (text, { up, down }) => {
    const [, digits, exponent] = /^([-+]?[\d.]+)(?:e([-+]?\d+))?$/i.exec(text) ?? [];
    if (digits === undefined || exponent !== undefined) return (Number(text) * up) / down;
    const places = (digits.split(".")[1] ?? "").length;
    return (Number(digits.replace(".", "")) * up) / (down * 10 ** places);
  };
  const scaleOf = (item) => {
    const now = Math.abs(item.declared) || 1;
    const low = item.low ?? (item.declared > 0 ? item.declared / 8 : 0);
    const high = item.high ?? now * 8;
    const { multiple } = item;
    if (multiple && (high - low) / multiple <= 400) {
      const first = Math.ceil(low / multiple - 1e-9);
      return { steps: Math.floor(high / multiple + 1e-9) - first, at: (k) => (first + k) * multiple };
    }
    const whole = !multiple && Number.isInteger(item.declared) && (item.form.units.length === 0 || low >= 1);
    const unit = multiple ?? (whole && item.declared >= 1 && !item.binary ? 1 : 0);
    const tidy = (x) => (unit ? Math.round(x / unit) * unit : Number(x.toPrecision(3)));
    const inside = (x) => Math.min(Math.max(x, item.low ?? -Infinity), item.high ?? Infinity);
    if (high / (low || now / 4096) < 30 && low !== 0) {
      return { steps: 200, at: (k) => inside(tidy(low + ((high - low) * k) / 200)) };
    }
    const from = low > 0 ? low : high / 2 ** 18;
    const steps = item.binary ? 4 * Math.round(Math.log2(high / from)) : 200;
    const skip = low > 0 ? 0 : 1;
    const at = (k) => {
      if (k < skip) return low;
      const x = from * (high / from) ** ((k - skip) / steps);
      return inside(item.binary ? 2 ** (Math.round(4 * Math.log2(x)) / 4) : tidy(x));
    };
    return { steps: steps + skip, at };
  };
  const nearest = ({ steps, at }, value) => {
    let [low, high] = [0, steps];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (at(middle) <= value) low = middle;
      else high = middle;
    }
    return Math.abs(at(high) - value) < Math.abs(value - at(low)) ? high : low;
  };

  /** Whether an input may have a value, in base units. */
  const admits = (item, value) => {
    if (item.choices) return item.choices.some(([, choice]) => choice === value);
    if (item.kind !== "number") return true;
    const steps = value / item.multiple;
    return Number.isFinite(value) && value >= (item.low ?? -Infinity) && value <= (item.high ?? Infinity) &&
      (!item.multiple || Math.abs(steps - Math.round(steps)) <= 1e-9 * Math.max(1, Math.abs(steps)));
  };
  // The allowed values on both sides of one that is not: `; nearest are 1,056 px and 1,088 px`.
  const beside = (item, value, say) => {
    if (!item.multiple || !Number.isFinite(value)) return "";
    const near = [Math.floor, Math.ceil].map((round) => round(value / item.multiple) * item.multiple);
    const fine = near.filter((found) => admits(item, found)).map(say);
    return fine.length ? `; nearest ${fine.length > 1 ? "are" : "is"} ${fine.join(" and ")}` : "";
  };

  const numberField = (item, id) => {
    const unit = unitOf(item);
    const digits = (value) => String(Number(unit.from_base(value).toPrecision(9)));
    const typed = () => {
      const value = toBase(number.value, unit);
      const fine = number.value !== "" && admits(item, value);
      number.setAttribute("aria-invalid", String(!fine));
      write(refused, fine || number.value === "" ? "" : `Not set: allowed is ${item.allowed || "a number"}${beside(item, value, say)}`);
      if (fine) set({ [item.path]: value });
    };
    const say = (value) => `${digits(value)} ${unit.text}`.trim();
    const refused = make("p", { class: "refused", role: "alert" });
    const number = make("input", {
      id, type: "number", step: "any", value: digits(item.value), autocomplete: "off", oninput: typed,
      min: item.low === undefined ? undefined : digits(item.low),
      max: item.high === undefined ? undefined : digits(item.high),
      onblur: () => field.show(),
    });
    const scale = scaleOf(item);
    const slide = () => {
      waiting.set(item.path, scale.at(Number(slider.value)));
      if (waiting.size === 1) requestAnimationFrame(flush);
    };
    const slider = make("input", {
      type: "range", min: 0, max: scale.steps, step: 1, "aria-label": `${item.label || item.path}, slider`, oninput: slide,
    });
    const field = {
      show: () => {
        const value = values.get(item.path);
        if (document.activeElement !== number) {
          number.value = digits(value);
          number.setAttribute("aria-invalid", "false");
          write(refused, "");
        }
        if (document.activeElement !== slider || nearest(scale, value) !== Number(slider.value)) {
          slider.value = String(nearest(scale, value));
        }
        slider.setAttribute("aria-valuetext", `${digits(value)} ${unit.text}`);
      },
    };
    field.show();
    return [field, make("span", { class: "entry" }, number, make("span", { class: "unit" }, unit.text)), slider, refused];
  };
  const waiting = new Map();
  const flush = () => {
    const given = Object.fromEntries(waiting);
    waiting.clear();
    set(given);
  };

  const choiceField = (item, id) => {
    const choose = () => set({ [item.path]: item.choices[select.selectedIndex][1] });
    const select = make("select", { id, onchange: choose }, ...item.choices.map(([text]) => make("option", {}, text)));
    const show = () => (select.selectedIndex = item.choices.findIndex(([, value]) => value === values.get(item.path)));
    show();
    return [{ show }, select];
  };
  const truthField = (item, id) => {
    const box = make("input", { id, type: "checkbox", onchange: () => set({ [item.path]: box.checked }) });
    const show = () => (box.checked = values.get(item.path));
    show();
    return [{ show }, box];
  };

  const control = (item) => {
    const id = `input-${[...items.keys()].indexOf(item.path)}`;
    if (item.kind === "text" && !item.choices) return null;
    const build = item.choices ? choiceField : item.kind === "truth" ? truthField : numberField;
    const [field, entry, ...more] = build(item, id);
    const label = make("label", { for: id }, make("code", {}, item.path));
    const row = make("div", { class: "input" }, make("div", { class: "line" }, label, entry), ...more);
    if (item.label) row.append(make("p", {}, item.label));
    fields.set(item.path, {
      show: () => {
        field.show();
        row.classList.toggle("moved", values.get(item.path) !== item.value);
      },
    });
    return row;
  };

  const groups = new Map();
  for (const item of items.values()) {
    const row = control(item);
    if (row !== null) groups.set(item.group, [...(groups.get(item.group) ?? []), row]);
  }
  const said = make("p", { class: "state", role: "status" });
  const state = {
    show: (now) => {
      const names = now.length <= 3 ? now.join(", ") : `${now.length} inputs`;
      write(said, now.length ? `Changed: ${names}; not as in the report` : "As in the report");
      reset.disabled = changes.disabled = now.length === 0;
      picker.selectedIndex = now.length ? picker.options.length - 1 : 0;
      for (const [k, { values: wanted }] of data.inputs.scenarios.entries()) {
        const same = [...values].every(([path, value]) => value === (wanted[path] ?? items.get(path).value));
        if (same) picker.selectedIndex = k + 1;
      }
    },
  };
  const original = () => Object.fromEntries([...items.values()].map((item) => [item.path, item.value]));
  const reset = make("button", { type: "button", onclick: () => set(original()) }, "Reset");
  const share = make("button", {
    type: "button",
    onclick: async () => {
      remember();
      const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
      write(share, copied ? "Copied" : "In the address bar");
      setTimeout(() => write(share, "Share"), 1500);
    },
  }, "Share");
  // What `memdsl pull` takes: the inputs that were changed, in base units.
  const changes = make("button", {
    type: "button",
    onclick: () => {
      const text = JSON.stringify({ ...data.origin, changes: Object.fromEntries(moved().map((path) => [path, values.get(path)])) }, null, 1);
      save(`${data.origin.spec.replace(/\.mem$/, "")}-changes.json`, new Blob([text], { type: "application/json" }));
    },
  }, "Download my changes");
  const hold = make("button", { type: "button", onclick: () => compare.keep() }, "Keep as A");
  const pick = () => {
    const scenario = data.inputs.scenarios[picker.selectedIndex - 1];
    if (picker.selectedIndex === 0 || scenario) set({ ...original(), ...scenario?.values });
  };
  const picker = make(
    "select", { "aria-label": "Scenario", onchange: pick },
    make("option", {}, "the report’s inputs"),
    ...data.inputs.scenarios.map(({ name, label }) => make("option", {}, label ? `${name}: ${label}` : name)),
    make("option", { disabled: true }, "inputs of your own"),
  );
  panel.append(make("div", { class: "tools" }, picker, reset, hold, share, changes), said);
  for (const [name, rows] of groups) {
    const first = name === [...groups.keys()][0];
    panel.append(make("details", { open: first }, make("summary", {}, `${name} (${rows.length})`), ...rows));
  }
  const aside = document.getElementById("inputs-panel");
  aside.querySelector("details").open = !matchMedia("(max-width: 64rem)").matches;
  aside.hidden = false;
  document.body.classList.add("live");
  state.show([]);

  // ---- the data of charts --------------------------------------------------------------------------------------------

  const csv = (table) => {
    const cell = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
    return table.map((line) => line.map(cell).join(",")).join("\n") + "\n";
  };
  const save = (name, blob) => {
    const link = make("a", { download: name });
    link.href = URL.createObjectURL(blob);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const small = (text, label, onclick) => make("button", { type: "button", class: "csv", onclick, "aria-label": label }, text);
  const csvButton = (name, table) =>
    small("CSV", `Data as CSV: ${name()}`, () => save(`${name()}.csv`, new Blob([csv(table())], { type: "text/csv" })));
  // A drawing on its own: the colours and letters that the page gives it stand in it.
  const alone = (svg) => {
    const copy = svg.cloneNode(true);
    const given = getComputedStyle(svg);
    const box = svg.viewBox.baseVal;
    copy.setAttribute("width", box.width);
    copy.setAttribute("height", box.height);
    copy.setAttribute("style", `background: #fff; color: #1f2937; font-family: ${given.fontFamily.replaceAll('"', "'")}`);
    return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
  };
  const pixels = async (svg) => {
    const picture = new Image();
    const { width, height } = svg.viewBox.baseVal;
    picture.src = await new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.readAsDataURL(alone(svg));
    });
    await picture.decode();
    const canvas = make("canvas", { width: 3 * width, height: 3 * height });
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  };
  const leaving = (figure, name) => {
    const svg = () => figure.querySelector("svg");
    const copied = async (event) => {
      const button = event.currentTarget;
      const fine = await (async () => {
        await navigator.clipboard.write([new ClipboardItem({ "image/png": pixels(svg()) })]);
        return true;
      })().catch(() => false);
      write(button, fine ? "Copied" : "Not allowed here");
      setTimeout(() => write(button, "Copy"), 1500);
    };
    return [
      small("PNG", `Picture as PNG: ${name()}`, async () => save(`${name()}.png`, await pixels(svg()))),
      small("SVG", `Drawing as SVG: ${name()}`, () => save(`${name()}.svg`, alone(svg()))),
      small("Copy", `Copy the picture: ${name()}`, copied),
    ];
  };
  for (const { element, view } of places.filter(({ element }) => element.dataset.as === "figure")) {
    const name = () => element.dataset.name;
    element.querySelector("figcaption").append(csvButton(name, () => shown(view).table), ...leaving(element, name));
  }
  const analyses = showAnalyses(data.analyses, machine, [...items.keys()], make, csvButton);
  const compare = showCompare(data.comparison, items, machine, values, {
    make, csvButton, changed: () => {
      clearTimeout(later);
      later = setTimeout(remember, 200);
    },
  });
  compare.box.addEventListener("back", () => set(Object.fromEntries(compare.kept)));
  compare.box.addEventListener("toggle", remember);
  document.querySelector("main")?.before(compare.place);

  // ---- the address --------------------------------------------------------------------------------------------------

  const plain = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  const addressed = () => {
    const [given, kept] = [original(), original()];
    const ignored = [];
    let [holds, choice] = [false, null];
    for (const part of location.hash.slice(1).split("&")) {
      const ofA = part.startsWith("A~");
      const [path, text] = part.slice(ofA ? 2 : 0).split("=").map(plain);
      holds ||= ofA;
      if (path === "~" && text !== undefined) choice = text.split(",").map(Number);
      const item = items.get(path);
      if (item === undefined || text === undefined) continue;
      const value = item.kind === "truth" ? text === "true" : item.kind === "number" ? Number(text) : text;
      if (admits(item, value)) (ofA ? kept : given)[path] = value;
      else ignored.push(`${path} = ${text}`);
    }
    set(given);
    compare.take(holds ? new Map(Object.entries(kept)) : null, choice);
    if (ignored.length) write(said, `Not set, as it is not allowed: ${ignored.join(", ")}`);
  };
  window.addEventListener("hashchange", () => location.hash.includes("=") && addressed());
  if (location.hash.includes("=")) addressed();

  const all = () => {
    settle();
    analyses.settle();
  };
  window.memdsl = { machine, set, settle: all, analyses, values, durations, chart: (k) => csv(shown(views[k]).table) };
};
start();
