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
  // Inputs that mean one thing are set by one field; each still has a field of its own.
  const shared = data.inputs.shared.map((one) => ({ ...items.get(one.members[0]), ...one }));
  const sharedBy = new Map(shared.flatMap((one) => one.members.map((path) => [path, one])));
  const give = ({ path, members }, value) => set(Object.fromEntries((members ?? [path]).map((each) => [each, value])));
  const valueOf = ({ path, members }) => values.get(members ? members[0] : path);
  const agree = ({ members = [] }) => new Set(members.map((path) => values.get(path))).size <= 1;

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
    if (sender && parts.length) parts.push(`~by=${encodeURIComponent(sender)}`);
    history.replaceState(null, "", parts.length ? `#${parts.join("&")}` : location.pathname + location.search);
  };
  let later = 0;
  let sender = ""; // who sends a changed state: told with it, on paper too
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
    for (const path of changed) {
      fields.get(path)?.show();
      fields.get(sharedBy.get(path))?.show();
    }
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
  // Where a slider stops: values that are allowed and round in the unit that is shown, evenly spread over the range, or
  // by ratio where it spans decades. What is declared and what the report has are among them.
  const MOST_STOPS = 256;
  const stopsOf = (item, unit) => {
    const { multiple, declared } = item;
    const now = Math.abs(declared) || 1;
    const low = item.low ?? (declared > 0 ? declared / 8 : 0);
    const high = item.high ?? now * 8;
    const tidy = (x) => (multiple ? Math.round(x / multiple) * multiple : toBase(String(Number(unit.from_base(x).toPrecision(3))), unit));
    const least = low > 0 ? low : multiple || Math.min(now, high) / 4096;
    const found = [low, high, declared, item.value];
    if (multiple && (high - low) / multiple <= MOST_STOPS && high / least < 100) {
      for (let k = Math.ceil(low / multiple - 1e-9); k * multiple <= high; k++) found.push(k * multiple);
    } else if (high / least < 30) {
      for (let k = 1; k < 200; k++) found.push(tidy(low + ((high - low) * k) / 200));
    } else {
      const doubling = item.binary || multiple === 1;
      const start = multiple && !item.binary ? multiple : 1; // powers of two of the unit, or of the multiple
      if (item.binary || multiple) {
        for (let e = Math.floor(Math.log2(least / start)); start * 2 ** e <= high; e++) {
          for (const part of item.binary ? [1, 1.25, 1.5, 1.75] : [1, 1.5]) found.push(tidyWhole(part * start * 2 ** e, multiple));
        }
      }
      if (!item.binary) {
        const [from, to] = [least, high].map((x) => unit.from_base(x));
        const fine = Math.log10(to / from) > 4 ? [1, 1.5, 2, 3, 5, 7] : FINE;
        for (let e = Math.floor(Math.log10(from)); 10 ** e <= to; e++) {
          for (const part of fine) found.push(tidy(toBase(`${part}e${e}`, unit)));
        }
      }
      if (doubling && low === 0) found.push(0);
    }
    const allowed = found.filter((x) => x >= low && x <= high && admits(item, x));
    return [...new Set(allowed)].sort((x, y) => x - y);
  };
  const FINE = [...Array(10).keys()].map((k) => (10 + k) / 10)
    .concat([...Array(15).keys()].map((k) => (20 + 2 * k) / 10), [...Array(10).keys()].map((k) => (50 + 5 * k) / 10));
  const tidyWhole = (x, multiple) => (multiple ? Math.round(x / multiple) * multiple : x);
  const nearest = (stops, value) => {
    let [low, high] = [0, stops.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (stops[middle] <= value) low = middle;
      else high = middle;
    }
    return Math.abs(stops[high] - value) < Math.abs(value - stops[low]) ? high : low;
  };

  /** Whether an input may have a value, in base units. */
  const admits = (item, value) => {
    if (item.choices) return item.choices.some(([, choice]) => choice === value);
    if (item.kind !== "number") return true;
    const steps = value / item.multiple;
    return Number.isFinite(value) && value >= (item.low ?? -Infinity) && value <= (item.high ?? Infinity) &&
      (!item.multiple || Math.abs(steps - Math.round(steps)) <= 1e-9 * Math.max(1, Math.abs(steps)));
  };
  // The allowed values beside one that is not: `: 1,056 px or 1,088 px`.
  const beside = (item, value, say) => {
    if (!Number.isFinite(value)) return "";
    const inside = Math.min(Math.max(value, item.low ?? -Infinity), item.high ?? Infinity);
    const near = item.multiple ? [Math.floor, Math.ceil].map((round) => round(inside / item.multiple) * item.multiple) : [inside];
    const fine = [...new Set(near.filter((found) => admits(item, found)))].map(say);
    return fine.length ? `: ${fine.join(" or ")}` : "";
  };

  const numberField = (item, id) => {
    const unit = unitOf(item);
    const digits = (value) => String(Number(unit.from_base(value).toPrecision(9)));
    const typed = () => {
      const value = toBase(number.value, unit);
      const fine = number.value !== "" && admits(item, value);
      number.setAttribute("aria-invalid", String(!fine));
      write(refused, fine || number.value === "" ? "" : `Not set. Allowed is ${item.allowed || "a number"}${beside(item, value, say)}`);
      if (fine) give(item, value);
    };
    const say = (value) => `${Number(digits(value)).toLocaleString("en-US", { maximumSignificantDigits: 9 })} ${unit.text}`.trim();
    const short = (value) => FUNCTIONS.say({ ...item.form, digits: 4 }, [value]);
    const refused = make("p", { class: "refused", role: "alert" });
    const number = make("input", {
      id, type: "number", step: item.multiple ? digits(item.multiple) : "any", value: digits(item.value), autocomplete: "off",
      oninput: typed, inputmode: "decimal",
      min: item.low === undefined ? undefined : digits(item.multiple ? Math.ceil(item.low / item.multiple) * item.multiple : item.low),
      max: item.high === undefined ? undefined : digits(item.high),
      onblur: () => field.show(),
    });
    const stops = stopsOf(item, unit);
    const slide = () => {
      for (const path of item.members ?? [item.path]) waiting.set(path, stops[Number(slider.value)]);
      if (!flushing) flushing = requestAnimationFrame(flush);
    };
    const slider = make("input", {
      type: "range", min: 0, max: stops.length - 1, step: 1, "aria-label": `${item.label || item.path}, slider`, oninput: slide,
    });
    const field = {
      show: () => {
        const value = valueOf(item);
        if (document.activeElement !== number) {
          number.value = digits(value);
          number.setAttribute("aria-invalid", "false");
          write(refused, "");
        }
        if (document.activeElement !== slider || nearest(stops, value) !== Number(slider.value)) {
          slider.value = String(nearest(stops, value));
        }
        slider.setAttribute("aria-valuetext", say(value));
      },
    };
    field.show();
    const ends = stops.length ? [stops[0], stops[stops.length - 1]].map((end) => make("span", {}, short(end))) : [];
    const entry = make("span", { class: "entry" }, number, make("span", { class: "unit" }, unit.text));
    const sliding = stops.length > 1 ? [slider, make("div", { class: "ends", "aria-hidden": "true" }, ...ends)] : [];
    return [field, entry, ...sliding, refused];
  };
  const waiting = new Map();
  let flushing = 0;
  const flush = () => {
    const given = Object.fromEntries(waiting);
    waiting.clear();
    flushing = 0;
    set(given);
  };

  const choiceField = (item, id) => {
    const choose = () => give(item, item.choices[select.selectedIndex][1]);
    const select = make("select", { id, onchange: choose }, ...item.choices.map(([text]) => make("option", {}, text)));
    const show = () => (select.selectedIndex = item.choices.findIndex(([, value]) => value === valueOf(item)));
    show();
    return [{ show }, select];
  };
  const truthField = (item, id) => {
    const box = make("input", { id, type: "checkbox", onchange: () => give(item, box.checked) });
    const show = () => (box.checked = valueOf(item));
    show();
    return [{ show }, box];
  };

  const control = (item) => {
    const id = item.members ? `shared-${shared.indexOf(item)}` : `input-${[...items.keys()].indexOf(item.path)}`;
    if (item.kind === "text" && !item.choices) return null;
    const build = item.choices ? choiceField : item.kind === "truth" ? truthField : numberField;
    const [field, entry, ...more] = build(item, id);
    const label = make("label", { for: id }, ...(item.label ? [item.label, " "] : []), make("code", {}, item.path));
    const whom = make("p", { class: "whom" });
    const row = make("div", { class: "input" }, make("div", { class: "line" }, label, entry), ...more, ...(item.members ? [whom] : []));
    const shows = () => {
      field.show();
      row.classList.toggle("moved", (item.members ?? [item.path]).some((path) => values.get(path) !== items.get(path).value));
      if (item.members) write(whom, `${item.words}${agree(item) ? "" : " (not the same now: see one by one)"}`);
    };
    fields.set(item.members ? item : item.path, { show: shows });
    if (item.members) shows();
    return row;
  };

  const [TOGETHER, APART, IDLE] = ["Shared", "Shared ones, one by one", "Without effect on what is shown"];
  const groups = new Map(["Parameters", TOGETHER].map((name) => [name, []]));
  const telling = machine.leading();
  const groupOf = (item) => {
    if (!(item.members ?? [item.path]).some((path) => telling.has(path))) return IDLE;
    return item.members ? TOGETHER : sharedBy.has(item.path) ? APART : item.group;
  };
  const last = new Map([APART, IDLE].map((name) => [name, []]));
  for (const item of [...shared, ...items.values()]) {
    const group = groupOf(item);
    if (item.members && group === IDLE) continue;
    const row = control(item);
    const place = last.has(group) ? last : groups;
    if (row !== null) place.set(group, [...(place.get(group) ?? []), row]);
  }
  for (const [name, rows] of last) groups.set(name, rows);
  for (const [name, rows] of groups) if (!rows.length) groups.delete(name);
  const said = make("p", { class: "state", role: "status" });
  // Under the title, on paper too: that this is not the report as it was made, and what was changed.
  const altered = make("p", { class: "altered", hidden: true });
  document.querySelector("h1")?.after(altered);
  const MOST_TOLD = 6;
  // Inputs that were changed together are told as one.
  const alike = (one) => agree(one) && one.members.every((path) => items.get(path).value === one.value);
  const told = (now) => [...new Set(now.map((path) => (sharedBy.has(path) && alike(sharedBy.get(path)) ? sharedBy.get(path) : items.get(path))))];
  const sayChanged = (now) => {
    const found = told(now);
    const said = found.slice(0, MOST_TOLD).map((item) => {
      const [there, here] = [item.value, valueOf(item)].map((one) => FUNCTIONS.say(item.form, [one]));
      return `${item.path} = ${here} (the report has ${there})`;
    });
    const more = found.length > MOST_TOLD ? [`and ${found.length - MOST_TOLD} more`] : [];
    altered.hidden = now.length === 0;
    const by = sender && `; sent by ${sender}`;
    write(altered, now.length ? `Changed: ${[...said, ...more].join("; ")}${by}` : "");
  };
  const state = {
    show: (now) => {
      sayChanged(now);
      const found = told(now);
      const names = found.length <= 3 ? found.map(({ path }) => path).join(", ") : `${found.length} inputs`;
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
  const signed = () => {
    sender = name.value.trim();
    sayChanged(moved());
    remember();
  };
  const name = make("input", { type: "text", maxlength: 60, oninput: signed, autocomplete: "name", placeholder: "nobody named" });
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
  panel.append(make("div", { class: "tools" }, picker, reset, hold, share, changes, make("label", {}, "Sent by ", name)), said);
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
  // What a bar says where a pointer, or an arrow key, is.
  const tip = make("p", { class: "tip", role: "status", hidden: true });
  document.querySelector(".page")?.append(tip);
  const tells = (figure, view) => {
    let at = -1;
    const say = (spot) => {
      tip.hidden = spot === undefined;
      if (tip.hidden) return;
      write(tip, spot.text);
      const svg = figure.querySelector("svg");
      const place = svg.getBoundingClientRect();
      const scale = place.width / svg.viewBox.baseVal.width;
      const [left, top, width] = spot.box;
      const middle = place.left + scale * (left + Math.min(width, 120) / 2) + scrollX;
      const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
      tip.style.left = `${Math.max(8, Math.min(middle - tip.offsetWidth / 2, room))}px`;
      tip.style.top = `${place.top + scale * top + scrollY - tip.offsetHeight - 6}px`;
    };
    const under = (event) => {
      const svg = figure.querySelector("svg");
      if (!svg.contains(event.target)) return say(undefined);
      const place = svg.getBoundingClientRect();
      const scale = place.width / svg.viewBox.baseVal.width;
      const [x, y] = [(event.clientX - place.left) / scale, (event.clientY - place.top) / scale];
      const { spots } = shown(view);
      at = spots.findIndex(({ box: [left, top, width, height] }) => x >= left && x < left + width && y >= top && y < top + height);
      say(spots[at]);
    };
    const step = (event) => {
      const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.target !== figure || way === undefined) return;
      event.preventDefault();
      const { spots } = shown(view);
      at = Math.max(0, Math.min(at + way, spots.length - 1));
      say(spots[at]);
    };
    figure.tabIndex = 0;
    figure.setAttribute("aria-label", `${figure.querySelector("figcaption span").textContent}; arrow keys tell each bar`);
    figure.setAttribute("role", "group");
    figure.addEventListener("pointermove", under);
    figure.addEventListener("pointerdown", under);
    figure.addEventListener("keydown", step);
    for (const leaves of ["pointerleave", "blur"]) figure.addEventListener(leaves, () => say(undefined));
  };

  for (const { element, view } of places.filter(({ element }) => element.dataset.as === "figure")) {
    const name = () => element.dataset.name;
    if (view.show === FUNCTIONS.draw_bars) tells(element, view);
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
      if (path === "~by" && text) name.value = sender = text.slice(0, name.maxLength);
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
